import { randomUUID } from 'node:crypto';

import { counterFault, type CounterSeed } from '@sallyport/counter-store';
import { addDecimals, branded, formatDecimal, timerScheduler, type Decimal, type OrganisationId, type Scheduler } from '@sallyport/kernel';

import { CounterKeys, kindOf } from './counter-keys.js';
import type { RedisConnection } from './redis-connection.js';
import { IS_SEEDED } from './scripts/is-seeded.lua.js';
import { SEED } from './scripts/seed.lua.js';

/** What an organisation's stored decisions say. */
export interface OrganisationSpent {
  /** Units of windows still open, charged and not given back. The same count may come more than once. */
  readonly seeds: readonly CounterSeed[];
  /** Windows shorter than this are not among the seeds: they are refused until they have passed. 0: all are, or nothing was spent in them. */
  readonly missingBelowMs: number;
  /** Whether a call may be in flight that was decided before: limits of calls in flight are refused for one lease then. */
  readonly callsInFlight: boolean;
}

/** Where stored decisions are read. */
export interface SpentSource {
  /** The organisations whose counters should be there before anybody asks for them. */
  organisations(): Promise<readonly OrganisationId[]>;
  /** Resolves when every decision that a worker made before now is stored: what is not stored is not counted. */
  caughtUp(): Promise<void>;
  /** @param atMs The store's time: windows that end later are open. */
  spentOf(organisationId: OrganisationId, atMs: number): Promise<OrganisationSpent>;
}

/** How a control plane keeps Redis seeded. */
export interface CounterSeederOptions {
  readonly redis: RedisConnection;
  readonly source: SpentSource;
  /** As the workers' `keyPrefix`. */
  readonly keyPrefix?: string;
  /** As the workers' `leaseMs`. */
  readonly leaseMs?: number;
  /** Between two looks for organisations that workers miss, milliseconds. Default 200. */
  readonly pollMs?: number;
  readonly scheduler?: Scheduler;
  /** Told of every look and every seeding that failed; it goes on by itself. */
  onFault(error: unknown): void;
  /** Told of every organisation that was seeded here, and with how many counts. */
  onSeeded?(organisationId: OrganisationId, counts: number): void;
  /** The store's time instead of Redis' own, Unix milliseconds: for tests. */
  storeTime?(): number;
}

const DEFAULTS = { keyPrefix: 'sallyport:', leaseMs: 15_000, pollMs: 200 };
const GRACE_MS = 60_000;
const LOCK_MS = 30_000;
const PIECE = 2_000;
const MOST_AT_ONCE = 100;

/**
 * Puts the counters of an organisation back from its stored decisions where Redis does not have them: after a flush, a restart,
 * a failover, and at the first start. Any number of seeders may run; one of them seeds. Until then hard limits deny.
 */
export class CounterSeeder {
  private readonly settings: CounterSeederOptions & typeof DEFAULTS;
  private readonly scheduler: Scheduler;
  private readonly keys: CounterKeys;
  private readonly underWay = new Map<OrganisationId, Promise<void>>();
  private callOff: () => void = () => undefined;
  private isClosed = false;

  private constructor(options: CounterSeederOptions) {
    this.settings = { ...DEFAULTS, ...options };
    this.scheduler = options.scheduler ?? timerScheduler(globalThis);
    this.keys = new CounterKeys(this.settings.keyPrefix);
  }

  /** Seeds what the source knows, and from then on what workers miss. */
  static start(options: CounterSeederOptions): CounterSeeder {
    const seeder = new CounterSeeder(options);
    void seeder.seedKnown();
    void seeder.look();
    return seeder;
  }

  /** Resolves when the organisation's counters are there, whoever seeded them, or at `close`; keeps trying. Of use when an organisation is made. */
  ensure(organisationId: OrganisationId): Promise<void> {
    const known = this.underWay.get(organisationId);
    if (known !== undefined) return known;
    const trying = this.untilSeeded(organisationId).finally(() => this.underWay.delete(organisationId));
    this.underWay.set(organisationId, trying);
    return trying;
  }

  /** Stops looking. The connection is the caller's to close. */
  close(): void {
    this.isClosed = true;
    this.callOff();
  }

  private async seedKnown(): Promise<void> {
    try {
      for (const organisationId of await this.settings.source.organisations()) await this.ensure(organisationId);
    } catch (error) {
      this.settings.onFault(error); // workers name what they miss
    }
  }

  private async look(): Promise<void> {
    try {
      const missed = await this.settings.redis.popFromSet(this.keys.wanted, MOST_AT_ONCE);
      for (const organisationId of missed) void this.ensure(branded<OrganisationId>(organisationId));
    } catch (error) {
      this.settings.onFault(error);
    }
    if (!this.isClosed) this.callOff = this.scheduler.after(this.settings.pollMs, () => void this.look());
  }

  private async untilSeeded(organisationId: OrganisationId): Promise<void> {
    while (!this.isClosed) {
      try {
        if ((await this.isSeeded(organisationId)) || (await this.seed(organisationId))) return;
      } catch (error) {
        this.settings.onFault(error);
      }
      await new Promise<void>((resolve) => this.scheduler.after(this.settings.pollMs, resolve));
    }
  }

  private async isSeeded(organisationId: OrganisationId): Promise<boolean> {
    return (await this.settings.redis.run(IS_SEEDED, [this.keys.epoch(organisationId)], [])) === 1;
  }

  /** Whether it was this seeder that seeded; not when another does. */
  private async seed(organisationId: OrganisationId): Promise<boolean> {
    const { redis, source } = this.settings;
    const policy = await redis.evictionPolicy();
    if (policy !== 'noeviction') throw counterFault.unavailable(`Redis evicts keys (maxmemory-policy ${policy}): set it to noeviction, or limits admit too much`);
    await source.caughtUp();
    const token = randomUUID();
    if (!(await redis.claim(this.keys.lock(organisationId), token, LOCK_MS))) return false;
    const nowMs = this.settings.storeTime?.() ?? (await redis.time());
    const spent = await source.spentOf(organisationId, nowMs);
    return this.write(organisationId, token, { ...spent, seeds: summed(spent.seeds) });
  }

  /** Everything but the last piece before the epoch; the last one together with it. */
  private async write(organisationId: OrganisationId, token: string, spent: OrganisationSpent): Promise<boolean> {
    const { seeds } = spent;
    for (let first = 0; first === 0 || first < seeds.length; first += PIECE) {
      const isLast = first + PIECE >= seeds.length;
      const named = [this.keys.epoch(organisationId), this.keys.lock(organisationId)];
      const about = [isLast ? randomUUID() : '', String(spent.missingBelowMs), spent.callsInFlight ? '1' : '0'];
      const args = [String(this.settings.storeTime?.() ?? ''), token, String(GRACE_MS), String(this.settings.leaseMs), ...about];
      for (const seed of seeds.slice(first, first + PIECE)) {
        named.push(...this.keys.of(seed));
        args.push(kindOf(seed), formatDecimal(seed.units), String(seed.windowStartMs), String(seed.windowEndMs));
      }
      if ((await this.settings.redis.run(SEED, named, args)) !== 'done') return false;
    }
    this.settings.onSeeded?.(organisationId, seeds.length);
    return true;
  }
}

/** One seed for each count. */
function summed(seeds: readonly CounterSeed[]): readonly CounterSeed[] {
  const counts = new Map<string, CounterSeed>();
  for (const seed of seeds) {
    const name = JSON.stringify([seed.algorithm === 'sliding', seed.key, seed.windowStartMs, seed.windowEndMs]);
    const known: Decimal | undefined = counts.get(name)?.units;
    counts.set(name, known === undefined ? seed : { ...seed, units: addDecimals(known, seed.units) });
  }
  return [...counts.values()];
}
