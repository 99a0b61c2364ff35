import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import type { FeedSubscription } from '@sallyport/event-log';
import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';
import { Ed25519Signer, Ed25519TrustedKeys } from '@sallyport/signatures-ed25519';
import { expect } from 'vitest';

import { StreamEventFeed } from '../worker/stream-event-feed.js';
import { LOOK_MS } from '../worker/stream-follower.js';
import { FoldingListener } from './folding-listener.js';
import { ScriptedStream } from './scripted-stream.js';

/** One worker that follows the stream: what it folds, and the feed it does it through. */
export interface FollowingWorker {
  readonly listener: FoldingListener;
  readonly feed: StreamEventFeed;
  readonly subscription: FeedSubscription;
}

/** How a worker follows: the name of its own copy's file (none without), and whose keys it trusts (the stream's own without). */
export interface FollowingOptions {
  readonly cache?: string;
  readonly trusted?: readonly Ed25519Signer[];
}

/** A scripted stream, a clock that stands until it is advanced, and the workers that follow; one for each test. */
export class StreamWorld {
  readonly signer = Ed25519Signer.generate();
  readonly clock = new FakeClock();
  readonly scheduler = new ManualScheduler(this.clock);
  readonly stream = new ScriptedStream(this.signer, this.clock);
  /** Codes of the faults that any worker told, in order. */
  readonly faults: string[] = [];
  /** A folder of this test alone, for the workers' copies. */
  readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-stream-'));
  readonly #open: FeedSubscription[] = [];

  /** Starts a worker, and does not wait for it. */
  follow({ cache, trusted = [this.signer] }: FollowingOptions = {}): FollowingWorker {
    const listener = new FoldingListener();
    const feed = new StreamEventFeed({
      broker: this.stream.broker, keys: new Ed25519TrustedKeys(trusted.map(({ publicKey }) => publicKey)),
      clock: this.clock, scheduler: this.scheduler, onFault: (fault) => void this.faults.push(fault.code),
      ...(cache === undefined ? {} : { cacheFile: join(this.folder, cache) }),
    });
    const subscription = feed.follow(listener, new Map());
    this.#open.push(subscription);
    return { listener, feed, subscription };
  }

  /** Starts a worker and waits until a stamp made it fresh. */
  async ready(options: FollowingOptions = {}): Promise<FollowingWorker> {
    const worker = this.follow(options);
    await this.settle();
    await this.stream.stamp();
    await this.until(() => worker.listener.ageMs(this.clock.now()) === 0);
    return worker;
  }

  /** Lets what is under way come to rest. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 30; turns += 1) await turn();
  }

  /** Waits until a condition holds. */
  async until(isSo: () => boolean): Promise<void> {
    await expect.poll(isSo, { interval: 1, timeout: 10_000 }).toBe(true);
  }

  /** Lets so many milliseconds of the world's own time go by, with every look that a worker takes meanwhile. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= LOOK_MS) {
      this.scheduler.advance(Math.min(LOOK_MS, left));
      await this.settle();
    }
  }

  /** How many records a worker refused, by the fault's code. */
  refusedOf({ feed }: FollowingWorker): Record<string, number> {
    return Object.fromEntries(feed.refused);
  }

  /** Ends every worker and removes the folder. */
  async end(): Promise<void> {
    for (const subscription of this.#open) await subscription.close();
    rmSync(this.folder, { recursive: true });
  }
}
