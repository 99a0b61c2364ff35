import { aCompleted, aDecided } from '@sallyport/audit/testing';
import type { DecisionRecord, SequencedRecord } from '@sallyport/audit';
import { deploymentTopics, MemoryBroker, TOPIC } from '@sallyport/broker';
import { decodeRecord, decodeWorkerRecord } from '@sallyport/wire';
import { describe, expect, it } from 'vitest';

import { TestMac } from '../testing/test-mac.js';
import { WorkerRecordGate } from '../worker-records/worker-record-gate.js';
import { StreamAuditBus } from './stream-audit-bus.js';

const incarnation = (n: number) => `01990000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const sequenced = (start: number, ...records: readonly DecisionRecord[]): readonly SequencedRecord[] =>
  records.map((record, index) => ({ incarnation: incarnation(start), localSeq: index + 1, record }));

const mac = new TestMac();
const recordIn = (value: Uint8Array | null): SequencedRecord => decodeRecord(decodeWorkerRecord(value ?? new Uint8Array()).body);

describe('the audit bus over a broker', () => {
  it('publishes each record under its incarnation, in order and readable', async () => {
    const broker = new MemoryBroker();
    await broker.ensureTopics(deploymentTopics(4));
    const bus = new StreamAuditBus({ broker, mac, workerId: 'worker-1' });
    const ours = sequenced(1, aDecided(1), aCompleted(1), aDecided(2));
    const theirs = sequenced(2, aDecided(3));
    await bus.publish(ours);
    await bus.publish(theirs);
    const records = broker.cluster.records(TOPIC.audit);
    const of = (start: number) => records.filter((record) => record.key === incarnation(start));
    expect(of(1).map((record) => recordIn(record.value))).toEqual(ours);
    expect(new Set(of(1).map((record) => record.partition)).size).toBe(1);
    expect(of(2).map((record) => recordIn(record.value))).toEqual(theirs);
  });

  it('bears its worker’s word for each record, which holds under that incarnation and on that topic alone', async () => {
    const broker = new MemoryBroker();
    await broker.ensureTopics(deploymentTopics(1));
    await new StreamAuditBus({ broker, mac, workerId: 'worker-1' }).publish(sequenced(1, aDecided(1)));
    const gate = new WorkerRecordGate({ mac });
    const [record] = broker.cluster.records(TOPIC.audit);
    if (record === undefined) throw new Error('it is published');
    expect(gate.open(record)?.workerId).toBe('worker-1');
    expect(gate.open({ ...record, key: incarnation(2) })).toBeNull();
    expect(gate.open({ ...record, topic: TOPIC.status })).toBeNull();
  });

  it('refuses a batch that the broker has not taken, so that the journal keeps it', async () => {
    const broker = new MemoryBroker();
    await broker.ensureTopics(deploymentTopics(1));
    broker.cluster.setReachable(false);
    await expect(new StreamAuditBus({ broker, mac, workerId: 'worker-1' }).publish(sequenced(1, aDecided(1)))).rejects.toMatchObject({ code: 'broker.unreachable' });
  });
});
