import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Following } from '@sallyport/broker';
import { RecordingReader } from '@sallyport/broker/testing';
import { isFault } from '@sallyport/kernel';
import { startKafka, type RunningKafka } from '@sallyport/services-local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { KafkaBroker } from './kafka-broker.js';
import { aKafkaConfig } from './testing/a-kafka-config.js';

const TOPIC = 'faulty';
const LATEST = 60_000;

/** A cluster with a follower and a consumer on a topic, and a publisher of numbers that repeats what was not acknowledged. */
class Scene {
  readonly follower = new RecordingReader();
  readonly consumer = new RecordingReader();
  readonly following: Following;
  private published = 0;

  private constructor(
    readonly kafka: RunningKafka,
    readonly broker: KafkaBroker,
    private readonly folder: string,
  ) {
    this.following = broker.follow(TOPIC, { from: 'start', onBatch: this.follower.onBatch, onFault: this.follower.onFault });
    broker.consume(TOPIC, { group: 'g', onBatch: async (records) => this.consumer.onBatch(records), onFault: this.consumer.onFault });
  }

  static async open(nodes: number): Promise<Scene> {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-faults-'));
    const kafka = await startKafka({ dataFolder: folder, nodes });
    const broker = new KafkaBroker({ config: aKafkaConfig(kafka.brokers, 'f.'), clientId: 'faults' });
    await broker.ensureTopics([{ name: TOPIC, partitions: 1, cleanup: 'delete' }]);
    return new Scene(kafka, broker, folder);
  }

  /** Publishes the next numbers one by one, each until it is acknowledged. */
  async publish(count: number): Promise<void> {
    const below = this.published + count;
    for (; this.published < below; this.published += 1) await this.publishOne(String(this.published));
  }

  /** Waits until both readers have every number, and says what each was given. */
  async everything(): Promise<void> {
    const last = String(this.published - 1);
    await Promise.all([this.follower.until(({ texts }) => texts.includes(last), LATEST), this.consumer.until(({ texts }) => texts.includes(last), LATEST)]);
    const all = Array.from({ length: this.published }, (_, number) => String(number));
    expect(firstTimes(this.follower.texts)).toEqual(all);
    expect(firstTimes(this.consumer.texts)).toEqual(all);
    expect(this.follower.records.map(({ offset }) => offset)).toEqual(this.follower.records.map((_, index) => BigInt(index)));
  }

  async close(): Promise<void> {
    await this.broker.close();
    await Promise.all(this.kafka.nodes.map((node) => node.crash()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async publishOne(number: string): Promise<void> {
    for (;;) {
      try {
        return await this.broker.publish([{ topic: TOPIC, key: 'k', value: Buffer.from(number) }]);
      } catch (fault) {
        if (!isFault(fault, 'broker.unreachable')) throw fault;
      }
    }
  }
}

describe('a broker that fails', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open(1);
  });
  afterAll(async () => scene?.close());

  it('is not said to fail when it is new and its coordinator loads', async () => {
    await scene.publish(20);
    await scene.everything();
    expect([scene.follower.faults, scene.consumer.faults]).toEqual([[], []]);
  });

  it('is killed and started again: all go on alone, nothing lost', async () => {
    await scene.kafka.nodes[0]?.crash();
    const publishing = scene.publish(20);
    await scene.kafka.restart(1);
    await publishing;
    await scene.everything();
  });

  it('stops for ten seconds: all notice, and go on alone, nothing lost', async () => {
    scene.kafka.nodes[0]?.stall();
    const told = scene.follower.faults.length;
    await expect(scene.broker.publish([{ topic: TOPIC, key: 'k', value: null }])).rejects.toMatchObject({ code: 'broker.unreachable' });
    await scene.follower.until(({ faults }) => faults.length > told);
    scene.kafka.nodes[0]?.resume();
    await scene.publish(20);
    await scene.following.caughtUp();
    await scene.consumer.until(({ texts }) => texts.includes('59'), LATEST);
    expect(firstTimes(scene.follower.texts.filter((text) => text !== null))).toEqual(Array.from({ length: 60 }, (_, number) => String(number)));
  });
});

describe('a cluster of three', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open(3);
  });
  afterAll(async () => scene?.close());

  it('goes on without any one of its nodes', async () => {
    await scene.publish(5);
    for (const node of scene.kafka.nodes) {
      await node.crash();
      await scene.publish(5);
      await scene.everything();
      await scene.kafka.restart(node.nodeId);
      await scene.publish(5);
    }
    await scene.everything();
  });
});

/** What was given, without what came again. */
function firstTimes(texts: readonly (string | null)[]): readonly (string | null)[] {
  return [...new Set(texts)];
}
