import { choice, integer, makeSinkType, optional, setting, text, type SettingProblem, type SinkConfiguration, type SinkType, type ValuesOf } from '@sallyport/sinks';

import { examineVersion, rendering, writtenVersion } from '../rendering.js';
import type { S3Location } from './s3-location.js';
import { S3Sink, type ObjectLock, type S3SinkOptions } from './s3-sink.js';

const ENDPOINT = 'Write https://host or https://host:port, without path, user and query.';

const settings = {
  bucket: text({ description: 'The bucket; it must exist.', pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, wanted: 'a bucket’s name: 3 to 63 small letters, digits, dots and -', maxLength: 63 }),
  region: text({ description: 'Region that requests are signed for.', pattern: /^[a-z0-9-]{1,32}$/, wanted: 'a region such as eu-central-1', maxLength: 32, fallback: 'us-east-1' }),
  endpoint: optional(setting({ description: 'The service, where it is not that of AWS in the region.' }, { type: 'string', format: 'uri' }, ENDPOINT, (given) => endpointOf(given))),
  style: choice({ description: 'Whether the bucket is part of the path or of the host.', of: ['path', 'virtual'], fallback: 'virtual' }),
  prefix: text({ description: 'What every key begins with.', pattern: /^(?:[A-Za-z0-9._=-]+\/)*[A-Za-z0-9._=-]+\/?$/, wanted: 'segments of letters, digits, . _ = and -, joined by /', maxLength: 200, fallback: 'sallyport' }),
  tls_ca: optional(text({ description: 'PEM of the authorities that are trusted instead of the system’s.', pattern: /-----BEGIN CERTIFICATE-----/, wanted: 'PEM certificates', maxLength: 65_536, lines: true })),
  object_lock_mode: optional(choice({ description: 'Locks each object against change (the bucket must have object lock).', of: ['GOVERNANCE', 'COMPLIANCE'] })),
  object_lock_days: optional(integer({ description: 'For how many days objects are locked.', min: 1, max: 36_500 })),
} as const;

type Values = ValuesOf<typeof settings>;

/** An object store with the S3 interface. */
export const s3SinkType: SinkType = makeSinkType({
  name: 's3',
  description: 'Objects in an S3-compatible store, compressed NDJSON (as it is, OCSF or ECS) or Parquet, each with a manifest.',
  settings,
  credentials: [
    { name: 'access_key_id', required: true, description: 'Id of a key that may put objects under the prefix, and get them for the proof of ownership.' },
    { name: 'secret_access_key', required: true, description: 'The key’s secret.' },
    { name: 'session_token', required: false, description: 'Token of a temporary key.' },
  ],
  formats: ['native', 'ocsf', 'ecs', 'parquet'],
  dedupes: true,
  resendMs: 0,
  ownership: 'read_back',
  keepsBatches: true,
  examine,
  bounds: () => ({ maxEvents: 10_000, maxBytes: 8_000_000, maxEventBytes: null }),
  guarantee: () => 'exactly-once by construction',
  destination: (values) => `${locationOf(values).endpoint.origin}/${values.bucket}/${prefixOf(values)}`,
  open: (values, configuration, { network, clock, organisationId }) => new S3Sink(optionsOf(values, configuration), { network, clock, organisationId }),
});

function endpointOf(given: unknown): URL | undefined {
  if (typeof given !== 'string' || given.length > 300 || !URL.canParse(given)) return undefined;
  const url = new URL(given);
  const bare = url.username === '' && url.password === '' && url.search === '' && url.hash === '' && url.pathname === '/';
  return bare && (url.protocol === 'https:' || url.protocol === 'http:') ? url : undefined;
}

function examine(values: Values, configuration: SinkConfiguration): readonly SettingProblem[] {
  const { credentials, format, formatVersion } = configuration;
  const problems: SettingProblem[] = [...examineVersion(configuration)];
  if (format === 'parquet' && formatVersion !== null) problems.push({ pointer: '/formatVersion', message: 'Leave it out: columns of Parquet are only ever added.' });
  if ((values.object_lock_mode === null) !== (values.object_lock_days === null)) {
    problems.push({ pointer: values.object_lock_mode === null ? '/settings/object_lock_mode' : '/settings/object_lock_days', message: 'A lock needs mode and days.' });
  }
  if (values.style === 'virtual' && values.bucket.includes('.')) problems.push({ pointer: '/settings/style', message: 'Write path: no certificate is for a bucket with dots in its host.' });
  for (const name of ['access_key_id', 'secret_access_key', 'session_token'] as const) {
    if (credentials[name] !== undefined && !/^[\u0021-\u007e]+$/.test(credentials[name])) problems.push({ pointer: `/credentials/${name}`, message: 'Write it without spaces and line ends.' });
  }
  return problems;
}

function optionsOf(values: Values, configuration: SinkConfiguration): S3SinkOptions {
  const { credentials, format } = configuration;
  const { access_key_id: accessKeyId = '', secret_access_key: secretAccessKey = '', session_token: sessionToken } = credentials;
  return {
    location: locationOf(values),
    region: values.region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    tls: values.tls_ca === null ? {} : { ca: values.tls_ca },
    form: { prefix: prefixOf(values), format, formatVersion: writtenVersion(configuration), render: rendering(configuration) },
    lock: lockOf(values),
  };
}

function locationOf({ endpoint, region, bucket, style }: Values): S3Location {
  return { endpoint: endpoint ?? new URL(`https://s3.${region}.amazonaws.com`), bucket, style };
}

function lockOf({ object_lock_mode: mode, object_lock_days: days }: Values): ObjectLock | null {
  return mode === null || days === null ? null : { mode, days };
}

function prefixOf({ prefix }: Values): string {
  return prefix.endsWith('/') ? prefix : `${prefix}/`;
}
