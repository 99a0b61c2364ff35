import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startKafka, type RunningKafka } from './start-kafka.js';

describe('a Kafka cluster of three nodes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-kafka-'));
  let kafka: RunningKafka;
  beforeAll(async () => {
    kafka = await startKafka({ dataFolder: folder, nodes: 3 });
  });
  afterAll(async () => {
    await kafka?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has three processes of its own', () => {
    expect(new Set(kafka.nodes.map(({ pid }) => pid)).size).toBe(3);
    expect(kafka.brokers.split(',')).toHaveLength(3);
  });

  it('takes back a node that was killed', async () => {
    const pid = kafka.nodes[1]?.pid;
    await kafka.nodes[1]?.crash();
    await kafka.restart(2);
    expect(kafka.nodes[1]?.pid).not.toBe(pid);
  });
});
