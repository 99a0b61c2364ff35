import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { guardStoppedFetches } from './stopped-fetch-guard.js';

interface Runner {
  readonly consuming: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
}
type RunnerClass = new (options: object) => Runner;

const RunnerOfKafkajs = createRequire(import.meta.url)('kafkajs/src/consumer/runner.js') as RunnerClass;
/** So often a stopped consumer may be asked in vain before the test ends what would never end. */
const MOST_ASKED = 1_000;

/** A consumer of two nodes, each of whose fetches comes back when it is told to. */
class Scene {
  nodeIds = [1, 2];
  askedInVain = 0;
  private readonly underWay = new Map<number, () => void>();
  readonly runner: Runner;

  constructor() {
    const quiet = (): void => undefined;
    const debug = (message: string): void => {
      if (message !== 'consumer not running, exiting') return;
      this.askedInVain += 1;
      if (this.askedInVain >= MOST_ASKED) throw new Error('it would go on for ever');
    };
    const logger = { namespace: () => logger, debug, info: quiet, warn: quiet, error: quiet };
    const consumerGroup = {
      connect: async () => undefined,
      joinAndSync: async () => undefined,
      heartbeat: async () => undefined,
      leave: async () => undefined,
      getNodeIds: () => this.nodeIds,
      fetch: (nodeId: number) => new Promise<readonly unknown[]>((resolve) => this.underWay.set(nodeId, () => resolve([]))),
    };
    const retry = { retries: 1, initialRetryTime: 1, maxRetryTime: 1, factor: 0, multiplier: 1 };
    this.runner = new RunnerOfKafkajs({ logger, consumerGroup, instrumentationEmitter: { emit: quiet }, concurrency: 1, onCrash: quiet, retry });
  }

  /** Lets a node's fetch come back with nothing, and everything happen that follows from it. */
  async comesBack(nodeId: number): Promise<void> {
    this.underWay.get(nodeId)?.();
    for (let turns = 0; turns < 5; turns += 1) await turn();
  }
}

describe('a consumer that is stopped while it divides its fetching anew', () => {
  it('ends, and asks for nothing more', async () => {
    guardStoppedFetches();
    const scene = new Scene();
    await scene.runner.start();
    scene.nodeIds = [1];
    await scene.comesBack(1);
    const stopped = scene.runner.stop();
    await scene.comesBack(2);
    await stopped;
    expect(scene.runner.consuming).toBe(false);
    expect(scene.askedInVain).toBeLessThan(5);
  });

  it('goes on with the nodes that are left where it is not stopped', async () => {
    guardStoppedFetches();
    const scene = new Scene();
    await scene.runner.start();
    scene.nodeIds = [1];
    await scene.comesBack(1);
    await scene.comesBack(2);
    expect(scene.runner.consuming).toBe(true);
    const stopped = scene.runner.stop();
    await scene.comesBack(1);
    await stopped;
    expect(scene.runner.consuming).toBe(false);
  });
});
