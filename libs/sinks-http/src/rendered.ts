import { FORMATS } from '@sallyport/audit-formats';
import type { ExportFormat, OutgoingEvent, SettingProblem, SinkConfiguration } from '@sallyport/sinks';

/** A format, and the version of its schema; null: the newest. */
export type Form = Pick<SinkConfiguration, 'format' | 'formatVersion'>;

/** How many times its own length an event may take in a format, at most in ordinary life: batches are bounded by the events' own lengths. */
export function growthOf(format: ExportFormat): number {
  return format === 'native' ? 1 : 4;
}

/** The event as one line of text in a format. Of `native`, `ocsf` and `ecs` the line is a JSON object. */
export function rendered({ format, formatVersion }: Form, { event, stored }: OutgoingEvent): string {
  return formatOf(format).render(event, stored, formatVersion);
}

/** A version that the format does not have. */
export function versionProblems({ format, formatVersion }: Form): readonly SettingProblem[] {
  const { versions } = formatOf(format);
  return formatVersion === null || versions.includes(formatVersion) ? [] : [{ pointer: '/formatVersion', message: `Write one of ${versions.join(', ')}.` }];
}

/** Parquet is no form of a line: no sink over HTTP takes it, and none is opened with it. */
function formatOf(format: ExportFormat): (typeof FORMATS)['native'] {
  return FORMATS[format === 'parquet' ? 'native' : format];
}
