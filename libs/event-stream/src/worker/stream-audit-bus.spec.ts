import { aCompleted, aDecided } from '@sallyport/audit/testing';
import type { DecisionRecord, SequencedRecord } from '@sallyport/audit';
import { deploymentTopics, MemoryBroker, TOPIC } from '@sallyport/broker';
import { decodeRecord } from '@sallyport/wire';
import { describe, expect, it } from 'vitest';

import { StreamAuditBus } from './stream-audit-bus.js';

const incarnation = (n: number) => `01990000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const sequenced = (start: number, ...records: readonly DecisionRecord[]): readonly SequencedRecord[] =>
  records.map((record, index) => ({ incarnation: incarnation(start), localSeq: index + 1, record }));

describe('the audit bus over a broker', () => {
  it('publishes each record under its incarnation, in order and readable', async () => {
    const broker = new MemoryBroker();
    await broker.ensureTopics(deploymentTopics(4));
    const bus = new StreamAuditBus(broker);
    const ours = sequenced(1, aDecided(1), aCompleted(1), aDecided(2));
    const theirs = sequenced(2, aDecided(3));
    await bus.publish(ours);
    await bus.publish(theirs);
    const records = broker.cluster.records(TOPIC.audit);
    const of = (start: number) => records.filter((record) => record.key === incarnation(start));
    expect(of(1).map((record) => decodeRecord(record.value ?? new Uint8Array()))).toEqual(ours);
    expect(new Set(of(1).map((record) => record.partition)).size).toBe(1);
    expect(of(2).map((record) => decodeRecord(record.value ?? new Uint8Array()))).toEqual(theirs);
  });

  it('refuses a batch that the broker has not taken, so that the journal keeps it', async () => {
    const broker = new MemoryBroker();
    await broker.ensureTopics(deploymentTopics(1));
    broker.cluster.setReachable(false);
    await expect(new StreamAuditBus(broker).publish(sequenced(1, aDecided(1)))).rejects.toMatchObject({ code: 'broker.unreachable' });
  });
});
