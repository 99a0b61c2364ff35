import { FORMATS, type AuditFormat } from '@sallyport/audit-formats';
import type { OutgoingEvent, SettingProblem, SinkConfiguration } from '@sallyport/sinks';

/** The formats of one line of text that a sink's configuration can ask for. */
export const LINE_FORMATS = ['native', 'ocsf', 'ecs', 'cef', 'leef', 'otlp'] as const satisfies readonly AuditFormat[];

/** Writes an event in the configuration's format and version. */
export function rendering({ format, formatVersion }: SinkConfiguration): (event: OutgoingEvent) => string {
  const known = LINE_FORMATS.find((one) => one === format) ?? 'native';
  return ({ event, stored }) => FORMATS[known].render(event, stored, formatVersion);
}

/**
 * The version that is written, where a later release may write another by default: keys and manifests name it, so that no object is overwritten
 * with another form of itself. Null for formats that have no such versions.
 */
export function writtenVersion({ format, formatVersion }: SinkConfiguration): string | null {
  return formatVersion ?? (format === 'ocsf' || format === 'ecs' ? (FORMATS[format].versions[0] ?? null) : null);
}

/** Problems of the version of a format. */
export function examineVersion({ format, formatVersion }: SinkConfiguration): readonly SettingProblem[] {
  const known = LINE_FORMATS.find((one) => one === format);
  if (formatVersion === null || known === undefined || FORMATS[known].versions.includes(formatVersion)) return [];
  return [{ pointer: '/formatVersion', message: `Write one of ${FORMATS[known].versions.join(', ')}, or leave it out.` }];
}
