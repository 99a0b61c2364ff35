import { MemoryMarkStore, counterFault, organisationOfKey, type LeftMark, type MarkStore } from '@sallyport/counter-store';
import { timerScheduler, type EpochMs, type Scheduler } from '@sallyport/kernel';

import type { RedisConnection } from './redis-connection.js';
import { BORNE_MARKS, LEAVE_MARKS } from './scripts/leave-marks.lua.js';
import { within } from './within.js';

/** How a worker keeps marks in Redis. */
export interface RedisMarkStoreOptions {
  readonly redis: RedisConnection;
  /** In front of every key; as the counters'. Default `sallyport:`. */
  readonly keyPrefix?: string;
  /** How long a call waits for Redis, milliseconds. Default 250. */
  readonly deadlineMs?: number;
  readonly scheduler?: Scheduler;
}

/**
 * Marks that all workers share, in Redis: one script to read those of a call, one to leave them. What this worker left it knows
 * itself too, whatever becomes of Redis. A Redis that lost its data has lost the marks of other workers.
 */
export class RedisMarkStore implements MarkStore {
  private readonly own = new MemoryMarkStore();
  private readonly keyPrefix: string;
  private readonly deadline: { readonly scheduler: Scheduler; readonly deadlineMs: number };

  constructor(private readonly options: RedisMarkStoreOptions) {
    this.keyPrefix = options.keyPrefix ?? 'sallyport:';
    this.deadline = { scheduler: options.scheduler ?? timerScheduler(globalThis), deadlineMs: options.deadlineMs ?? 250 };
  }

  async borne(bearer: string, marks: readonly string[], atMs: EpochMs): Promise<readonly string[]> {
    const found = await this.run(BORNE_MARKS, this.keysOf(bearer, marks), []);
    const shared = Array.isArray(found) ? found : [];
    const own = this.own.borne(bearer, marks, atMs);
    return marks.filter((mark, index) => shared[index] === 1 || own.includes(mark));
  }

  async leave(bearer: string, marks: readonly LeftMark[], atMs: EpochMs): Promise<void> {
    this.own.leave(bearer, marks, atMs);
    const keys = this.keysOf(bearer, marks.map(({ mark }) => mark));
    await this.run(LEAVE_MARKS, keys, marks.map(({ seconds }) => String(Math.ceil(seconds * 1_000))));
  }

  private run(...command: Parameters<RedisConnection['run']>): Promise<unknown> {
    const late = (): Error => counterFault.unavailable(`Redis did not answer within ${this.deadline.deadlineMs} ms`);
    return within(this.deadline, this.options.redis.run(...command), late).catch((caught: unknown) => {
      throw counterFault.unavailable('Redis cannot be asked for marks', {}, caught);
    });
  }

  private keysOf(bearer: string, marks: readonly string[]): readonly string[] {
    const organisationId = organisationOfKey(bearer);
    const named = `${this.keyPrefix}{${organisationId}}:m:${bearer.slice(organisationId.length + 1)}:`;
    return marks.map((mark) => `${named}${mark}`);
  }
}
