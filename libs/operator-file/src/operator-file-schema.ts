import ipaddr from 'ipaddr.js';
import { z } from 'zod';

import { bytesOf, millisecondsOf } from './quantities.js';

const slug = z
  .string('must be a slug, such as `docs`')
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a slug: 1 to 63 lower-case letters, digits and inner hyphens');
const text = z.string('must be text; put it in quotes');
const filled = text.min(1, 'must not be empty');

const stdioEntry = z.strictObject({
  slug,
  command: filled,
  args: z.array(text, 'must be a list of texts').default([]),
  env: z.record(z.string(), text, 'must be a map from names to texts').default({}),
  cwd: filled.optional(),
  organisation: slug.optional(),
});

const cidr = z
  .string('must be a network, such as 10.0.0.0/8')
  .refine((value) => ipaddr.isValidCIDR(value), 'is not a network; write it as 10.0.0.0/8 or fd00::/8');
const opened = z.union(
  [
    cidr.transform((value) => ({ cidr: value })),
    z.strictObject({ cidr, organisations: z.array(filled, 'must be a list of organisation slugs').min(1, 'must name an organisation').optional() }),
  ],
  'must be a network such as 10.0.0.0/8, or `cidr` with `organisations`',
);
const egress = z.strictObject({
  allow: z.array(opened, 'must be a list of networks').default([]),
  ports: z.array(z.int('must be a port').min(1, 'must be a port').max(65_535, 'must be a port'), 'must be a list of ports').default([]),
});

const organisations = z.array(filled, 'must be a list of organisation slugs').min(1, 'must name an organisation').optional();
const allowedSink = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('file'),
      directory: text.regex(/^\/(?!.*(?:^|\/)\.\.?(?:\/|$))/, 'must be an absolute path without `.` and `..`, such as /var/log/sallyport'),
      organisations,
    }),
    z.strictObject({
      kind: z.literal('kafka'),
      topic: text.regex(/^[A-Za-z0-9._-]{1,249}$/, 'must be the name of a topic: 1 to 249 letters, digits, `.`, `_` and `-`'),
      organisations,
    }),
  ],
  'must be file, with `directory`, or kafka, with `topic`',
);

const bytes = measured(bytesOf, 'must be a size, such as 1048576 or 1 MiB');
const duration = measured(millisecondsOf, 'must be a time with its unit, such as 500ms, 120s or 5m');
const count = z.int('must be a whole number').min(1, 'must be at least 1');
const limits = z.strictObject({
  requestBytes: bytes,
  resultBytes: bytes,
  heldResultBytes: bytes,
  callTimeout: duration,
  busWait: duration,
  streamIdle: duration,
  concurrentCallsPerIdentity: count,
  sessionIdle: duration,
  maxSessions: count,
  connectionsPerUpstream: count,
  waitingPerUpstream: count,
  connectTimeout: duration,
  driftCheckInterval: duration,
  journalBytes: bytes,
});

/** The shape of `sallyport.yaml`; each message continues the sentence "<where> …". */
export const operatorFileSchema = z.strictObject({
  stdio: z.array(stdioEntry, 'must be a list of servers').default([]),
  egress: egress.default({ allow: [], ports: [] }),
  limits: limits.partial().default({}),
  sinks: z.array(allowedSink, 'must be a list of sinks').default([]),
});

/** The file's values as written, defaults of the lists filled in. */
export type RawOperatorFile = z.output<typeof operatorFileSchema>;

function measured(read: (value: unknown) => number | undefined, message: string) {
  return z.unknown().transform((value, context) => {
    const amount = read(value);
    if (amount !== undefined) return amount;
    context.addIssue(message);
    return z.NEVER;
  });
}
