import { randomUUID } from 'node:crypto';

import type { CounterSeed } from '@sallyport/counter-store';
import type { OrganisationId } from '@sallyport/kernel';

import { CounterSeeder, type OrganisationSpent, type SpentSource } from '../counter-seeder.js';
import { RedisConnection } from '../redis-connection.js';
import { RedisCounterStore, type RedisCounterStoreOptions } from '../redis-counter-store.js';

/** The organisation of the asks of `@sallyport/counter-store/testing`. */
export const ORGANISATION = 'o' as OrganisationId;

/** Stored decisions that a test writes itself. */
export class TestSpent implements SpentSource {
  seeds: readonly CounterSeed[] = [];
  missingBelowMs = 0;
  callsInFlight = false;
  reads = 0;
  private readonly known: readonly OrganisationId[];

  constructor(known: readonly OrganisationId[] = [ORGANISATION]) {
    this.known = known;
  }

  async organisations(): Promise<readonly OrganisationId[]> {
    return this.known;
  }

  async caughtUp(): Promise<void> {
    return undefined;
  }

  async spentOf(): Promise<OrganisationSpent> {
    this.reads += 1;
    return { seeds: this.seeds, missingBelowMs: this.missingBelowMs, callsInFlight: this.callsInFlight };
  }
}

/** Everything that a test opened, to be closed together. */
export class RedisBench {
  private readonly closing: (() => void)[] = [];
  readonly faults: unknown[] = [];

  constructor(
    readonly url: string,
    readonly keyPrefix: string = `test-${randomUUID()}:`,
    private readonly isCluster = false,
  ) {}

  /** A connection that answers. */
  async connection(): Promise<RedisConnection> {
    const redis = new RedisConnection({ url: this.url, isCluster: this.isCluster });
    this.closing.push(() => redis.close());
    await redis.reachable();
    return redis;
  }

  /** A worker's store: patient, unless said otherwise. */
  async store(options: Partial<RedisCounterStoreOptions> = {}): Promise<RedisCounterStore> {
    const redis = await this.connection();
    const store = new RedisCounterStore({ redis, liveWorkers: () => 4, keyPrefix: this.keyPrefix, deadlineMs: 10_000, ...options });
    this.closing.push(() => store.close());
    return store;
  }

  /** A control plane's seeder, which need not have seeded yet. */
  async seeder(source: SpentSource = new TestSpent(), storeTime?: () => number): Promise<CounterSeeder> {
    const redis = await this.connection();
    const clock = storeTime === undefined ? {} : { storeTime };
    const seeder = CounterSeeder.start({ redis, source, keyPrefix: this.keyPrefix, pollMs: 20, onFault: (fault) => this.faults.push(fault), ...clock });
    this.closing.push(() => seeder.close());
    return seeder;
  }

  /** Closes everything, newest first. */
  close(): void {
    for (const close of this.closing.splice(0).toReversed()) close();
  }
}
