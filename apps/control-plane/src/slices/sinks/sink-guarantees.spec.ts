import { describe, expect, it } from 'vitest';

import { GUARANTEE_OF_KIND, PULL } from './sink-guarantees.js';

const ONCE_FOR_ALL = /exactly once/i;

/** Words that people decide by: what is said of a kind may not claim more than its receiver's protocol can hold. */
describe('what each kind of sink promises', () => {
  it('is said of every kind, in these words', () => {
    expect(GUARANTEE_OF_KIND).toEqual({
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
    });
    expect(PULL.guarantee).toMatch(/^Lossless within the retention/);
  });

  it('is exactly once only where the same event is the same object or document', () => {
    const claiming = Object.entries(GUARANTEE_OF_KIND).filter(([, words]) => ONCE_FOR_ALL.test(words));
    expect(claiming.map(([kind]) => kind)).toEqual(['elasticsearch', 'opensearch', 's3']);
  });
});
