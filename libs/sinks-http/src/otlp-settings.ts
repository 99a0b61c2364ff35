import type { BatchBounds, Delivery, SettingProblem, SinkConfiguration, SinkType } from '@sallyport/sinks';
import { choice, optional, text, type ValuesOf } from '@sallyport/sinks';

import { TLS_CREDENTIALS, TLS_SETTINGS, headerProblems, commonProblems, url } from './connection-settings.js';

/** Receivers take messages up to this unless told otherwise, bytes. */
export const OTLP_MESSAGE_BYTES = 4 * 1_048_576;

const MAX_EVENTS = 1_000;
const ATTRIBUTES_BYTES = 1_024;

/** What both ways of OTLP are told. */
export const OTLP_SETTINGS = {
  url: url({ description: 'Address of the OTLP receiver, such as https://otlp.example.com:4318 for HTTP or https://otlp.example.com:4317 for gRPC.' }),
  compression: choice({ description: 'Compression of what is sent.', of: ['gzip', 'none'], fallback: 'gzip' }),
  header: optional(text({ description: 'Name of a header for the credential `header_value`, such as api-key.', pattern: /^(?!(?:te|host|connection|content-[a-z-]+|grpc-[a-z-]+)$)[a-z0-9-]+$/, wanted: 'the name of a header in lower case, none of the protocol itself', maxLength: 100 })),
  ...TLS_SETTINGS,
} as const;
/** What was read of them. */
export type OtlpValues = ValuesOf<typeof OTLP_SETTINGS>;

/** Credentials of both ways of OTLP. */
export const OTLP_CREDENTIALS: SinkType['credentials'] = [
  { name: 'authorization', required: false, description: 'The whole value of the Authorization header, such as Bearer and a token.' },
  { name: 'header_value', required: false, description: 'Value of the header that the settings name.' },
  ...TLS_CREDENTIALS,
];

/** One request, with room for the attributes beside each event. */
export const OTLP_BOUNDS: BatchBounds = { maxEvents: MAX_EVENTS, maxBytes: OTLP_MESSAGE_BYTES - MAX_EVENTS * ATTRIBUTES_BYTES, maxEventBytes: null };

/** What is promised of OTLP. */
export const OTLP_GUARANTEE = 'at-least-once to next hop';

/** What is wrong between settings and credentials. */
export function otlpProblems(values: OtlpValues, configuration: SinkConfiguration): readonly SettingProblem[] {
  const { credentials } = configuration;
  const problems = [...commonProblems(values.url, values, configuration), ...headerProblems(credentials, ['authorization', 'header_value'])];
  if (values.header !== null && credentials['header_value'] === undefined) problems.push({ pointer: '/credentials/header_value', message: 'Write the value of the header that is named.' });
  if (values.header === null && credentials['header_value'] !== undefined) problems.push({ pointer: '/settings/header', message: 'Write the name of the header for this value.' });
  return problems;
}

/** Headers that carry the credentials. */
export function otlpHeaders({ header }: OtlpValues, credentials: SinkConfiguration['credentials']): Readonly<Record<string, string>> {
  const { authorization, header_value: value } = credentials;
  return { ...(authorization === undefined ? {} : { authorization }), ...(header === null || value === undefined ? {} : { [header]: value }) };
}

/**
 * What a partial success means. It must not be sent again, and the receiver says how many it refused, not which: so each event of the batch becomes
 * a dead letter, where a person can see it and have it sent again, rather than any of them be lost.
 */
export function partialDelivery(count: number, rejected: number): Delivery {
  if (rejected <= 0) return { kind: 'delivered' };
  const which = rejected >= count ? '' : ' and does not say which';
  return refusedForGood(count, `The receiver refused ${Math.min(rejected, count)} of the ${count} records of a request${which}; OTLP forbids to send them again.`);
}

/** Every event of a request that must not be sent again, refused as one. */
export function refusedForGood(count: number, reason: string): Delivery {
  return { kind: 'partly', rejected: Array.from({ length: count }, (_, index) => ({ index, reason })), again: [], asOne: true };
}
