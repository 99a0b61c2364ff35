import { TOPIC } from '@sallyport/broker';
import { decodeWorkerRecord, encodeWorkerRecord, type WorkerReport } from '@sallyport/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TestMac } from '../testing/test-mac.js';
import { reportPublication } from './worker-publications.js';
import { WorkerRecordGate } from './worker-record-gate.js';

const report: WorkerReport = {
  workerId: 'worker-1', incarnation: '01990000-0000-7000-8000-000000000001', sequence: 7, state: 'ready', stampAgeMs: 3, position: 9, applied: [], nacks: [], refusedRecords: [],
};
const good = reportPublication(new TestMac(), report);
const bytes = good.value ?? new Uint8Array();

function aGate() {
  const refusals: string[] = [];
  const told: string[] = [];
  const gate = new WorkerRecordGate({ mac: new TestMac(), onRefused: (topic, why) => void refusals.push(`${topic} ${why}`), onFault: (fault) => void told.push(fault.message) });
  return { gate, refusals, told };
}

describe('the gate before what workers say', () => {
  it('lets in what a worker of the deployment wrote', () => {
    const { gate, refusals } = aGate();
    expect(gate.open(good)).toEqual({ workerId: 'worker-1', body: decodeWorkerRecord(bytes).body });
    expect(refusals).toEqual([]);
  });

  it('says nothing else of a record with any one bit turned, and nothing of one cut anywhere', () => {
    const { gate } = aGate();
    const said = gate.open(good);
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const other = Uint8Array.from(bytes);
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect([null, said]).toContainEqual(gate.open({ ...good, value: other })); // protobuf reads some tags in two ways, and then reads the same
      }),
    );
    for (let length = 0; length < bytes.length; length += 1) expect(gate.open({ ...good, value: bytes.subarray(0, length) })).toBeNull();
  });

  it.each([
    ['a record of another key', 'bad_mac', { ...good, key: 'worker-2' }],
    ['a record of another topic', 'bad_mac', { ...good, topic: TOPIC.audit }],
    ['another worker’s name on it', 'bad_mac', { ...good, value: encodeWorkerRecord({ ...decodeWorkerRecord(bytes), workerId: 'worker-2' }) }],
    ['a MAC of another root key', 'bad_mac', reportPublication(new TestMac('of somebody else'), report)],
    ['a MAC cut short', 'bad_mac', { ...good, value: encodeWorkerRecord({ ...decodeWorkerRecord(bytes), mac: decodeWorkerRecord(bytes).mac.subarray(0, 16) }) }],
    ['no MAC', 'no_mac', { ...good, value: encodeWorkerRecord({ ...decodeWorkerRecord(bytes), mac: new Uint8Array() }) }],
    ['a body without its envelope, as earlier versions wrote', 'no_mac', { ...good, value: decodeWorkerRecord(bytes).body }],
    ['no key', 'no_mac', { ...good, key: null }],
    ['no value', 'no_mac', { ...good, value: null }],
  ] as const)('refuses %s', (_what, why, record) => {
    const { gate, refusals, told } = aGate();
    expect(gate.open(record)).toBeNull();
    expect(refusals).toEqual([`${record.topic} ${why}`]);
    expect(told).toHaveLength(1);
  });

  it('counts each refused record, and tells of the first of each source, of a hundred sources at most', () => {
    const { gate, refusals, told } = aGate();
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 150; n += 1) gate.open({ topic: TOPIC.status, key: `worker-${n}`, value: Buffer.from('nonsense') });
    }
    expect(refusals).toHaveLength(450);
    expect(told).toHaveLength(100);
    expect(told[0]).toContain('dp.status.v1: a record under "worker-0" bears no MAC');
  });

  it('repeats nothing of a refused record but its key, and little of that', () => {
    const { gate, told } = aGate();
    gate.open({ topic: TOPIC.status, key: `k${'x'.repeat(5_000)}`, value: Buffer.from('secret') });
    expect(told[0]?.length).toBeLessThan(250);
    expect(told[0]).not.toContain('secret');
  });
});
