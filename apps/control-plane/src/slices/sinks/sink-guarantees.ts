import type { SinkTypeName } from '@sallyport/sinks';

import { LARGEST_PULL } from '../audit/read/audit-pull.js';

/** What each kind can promise at most, in the words of AUDIT.md 5. What a sink promises with its settings is its own `guarantee`. */
export const GUARANTEE_OF_KIND: { readonly [Name in SinkTypeName]: string } = {
  splunk_hec: 'At least once to the index with acknowledgements; without them at least once to the collector’s front door.',
  elasticsearch: 'At least once; exactly once for each backing index.',
  opensearch: 'At least once; exactly once for each backing index.',
  otlp_http: 'At least once to the next hop; what that rejects is a dead letter here.',
  otlp_grpc: 'At least once to the next hop; what that rejects is a dead letter here.',
  syslog: 'Best effort: the protocol acknowledges nothing, so duplicates and gaps are possible; gaps show by seq.',
  relp: 'At least once to the daemon.',
  webhook: 'At least once; the same webhook-id at every attempt.',
  kafka: 'At least once to all in-sync replicas of the topic.',
  s3: 'Exactly once by construction: the same events are the same object.',
  file: 'At least once to the disk of the machine that exports.',
  datadog: 'At least once to the intake; larger events are cut here and say so.',
  azure_monitor: 'At least once.',
  google_secops: 'At least once.',
};

/** Reading the stream oneself, as a kind of sink that is none: nothing has to be set up for it. */
export const PULL = {
  query: 'auditPull',
  how: 'With a token of role auditor, ask for auditPull(afterSeq: last) and go on with its lastSeq, which you keep once the lines are safe; sallyport audit pull --after LAST does so.',
  guarantee: 'Lossless within the retention: events come in order of seq, whatever happened to any receiver; what retention removed before it was read is told as a gap.',
  largestPage: LARGEST_PULL,
} as const;
