import type { AuditEvent, StoredEvent } from '@sallyport/audit-event';
import type { Result } from '@sallyport/kernel';

import { decodeCef, renderCef } from './cef.js';
import type { DecodedEvent, FormatProblem } from './decoded-event.js';
import { decodeEcs, ECS_VERSIONS, renderEcs } from './ecs.js';
import { decodeLeef, renderLeef } from './leef.js';
import { decodeNative, renderNative } from './native.js';
import { decodeOcsf, OCSF_VERSIONS, renderOcsf } from './ocsf/ocsf.js';
import { decodeOtlp, renderOtlpLine } from './otlp.js';
import { decodeSyslog, renderSyslog } from './syslog.js';

/** The forms of one line of text that an event can have. */
export const AUDIT_FORMATS = ['native', 'ocsf', 'ecs', 'cef', 'leef', 'otlp', 'syslog'] as const;
export type AuditFormat = (typeof AUDIT_FORMATS)[number];

/** One form. */
export interface EventFormat {
  /** One line without its end. Total: there is no event that makes it throw. `version` is one of `versions`; null or another: the newest. */
  render(event: AuditEvent, stored: StoredEvent, version?: string | null): string;
  /** The way back, of any text. */
  decode(text: string): Result<DecodedEvent, FormatProblem>;
  /** Versions of the format that are written, the newest first. */
  readonly versions: readonly string[];
  /** Media type of one event. */
  readonly mediaType: string;
}

/** Every form by its name. */
export const FORMATS: Readonly<Record<AuditFormat, EventFormat>> = {
  native: { render: renderNative, decode: decodeNative, versions: ['1'], mediaType: 'application/json' },
  ocsf: {
    render: (event, stored, version) => JSON.stringify(renderOcsf(event, stored, OCSF_VERSIONS.find((known) => known === version))),
    decode: decodeOcsf,
    versions: OCSF_VERSIONS,
    mediaType: 'application/json',
  },
  ecs: {
    render: (event, stored, version) => JSON.stringify(renderEcs(event, stored, ECS_VERSIONS.find((known) => known === version))),
    decode: decodeEcs,
    versions: ECS_VERSIONS,
    mediaType: 'application/json',
  },
  cef: { render: renderCef, decode: decodeCef, versions: ['0'], mediaType: 'text/plain; charset=utf-8' },
  leef: { render: renderLeef, decode: decodeLeef, versions: ['2.0'], mediaType: 'text/plain; charset=utf-8' },
  otlp: { render: renderOtlpLine, decode: decodeOtlp, versions: ['1'], mediaType: 'application/json' },
  syslog: { render: renderSyslog, decode: decodeSyslog, versions: ['1'], mediaType: 'text/plain; charset=us-ascii' },
};
