import { describe, expect, it } from 'vitest';

import { MemoryBroker } from './memory-broker.js';
import { MemoryCluster } from './memory-cluster.js';
import { brokerContract } from './testing/broker.contract.js';
import { RecordingReader } from './testing/recording-reader.js';

brokerContract('the memory broker', async () => {
  const cluster = new MemoryCluster();
  return {
    connect: () => new MemoryBroker(cluster),
    sever: async () => cluster.setReachable(false),
    restore: async () => cluster.setReachable(true),
    close: async () => undefined,
  };
});

describe('the memory broker', () => {
  it('has delivered a record when its publish resolves', async () => {
    const broker = new MemoryBroker();
    await broker.ensureTopics([{ name: 't', partitions: 1, cleanup: 'compact' }]);
    const reader = new RecordingReader();
    broker.follow('t', { from: 'start', onBatch: reader.onBatch, onFault: reader.onFault });
    await broker.publish([{ topic: 't', key: 'k', value: new Uint8Array([1]) }]);
    expect(reader.records).toHaveLength(1);
  });

  it('compacts to the newest record of each key that is not gone', async () => {
    const broker = new MemoryBroker();
    await broker.ensureTopics([{ name: 't', partitions: 1, cleanup: 'compact' }]);
    const values = [['a', 1], ['b', 2], ['a', 3], ['c', 4], ['c', null]] as const;
    await broker.publish(values.map(([key, byte]) => ({ topic: 't', key, value: byte === null ? null : new Uint8Array([byte]) })));
    broker.cluster.compact('t');
    expect(broker.cluster.records('t').map(({ key, offset }) => [key, offset])).toEqual([['b', 1n], ['a', 2n]]);
  });

  it('goes on at the oldest record that is kept', async () => {
    const broker = new MemoryBroker();
    await broker.ensureTopics([{ name: 't', partitions: 1, cleanup: 'delete' }]);
    await broker.publish([1, 2, 3].map((byte) => ({ topic: 't', key: 'k', value: new Uint8Array([byte]) })));
    broker.cluster.trim('t', 0, 2n);
    const reader = new RecordingReader();
    await broker.follow('t', { from: new Map([[0, 1n]]), onBatch: reader.onBatch, onFault: reader.onFault }).caughtUp();
    expect(reader.records.map(({ offset }) => offset)).toEqual([2n]);
  });
});
