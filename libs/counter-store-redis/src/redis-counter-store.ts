import { randomUUID } from 'node:crypto';

import { counterFault, type CounterAsk, type CounterStore, type Reservation } from '@sallyport/counter-store';
import { isFault, timerScheduler, type Scheduler } from '@sallyport/kernel';

import { Circuit } from './circuit.js';
import { CounterKeys } from './counter-keys.js';
import { Leases } from './leases.js';
import { LocalShare } from './local-share.js';
import type { RedisConnection } from './redis-connection.js';
import { SharedCounters, sharedCall, type SharedAnswer, type SharedCall } from './shared-counters.js';
import { within } from './within.js';

/** How a worker counts in Redis. */
export interface RedisCounterStoreOptions {
  readonly redis: RedisConnection;
  /** How many workers serve now, this one included: soft limits are shared among so many while Redis is away. */
  liveWorkers(): number;
  /** In front of every key; one deployment, one prefix. Default `sallyport:`. */
  readonly keyPrefix?: string;
  /** How long a call waits for Redis, milliseconds. Default 250. */
  readonly deadlineMs?: number;
  /** How long a call in flight outlives its worker, milliseconds. Default 15,000. */
  readonly leaseMs?: number;
  /** Between two looks whether Redis is back, milliseconds. Default 100. */
  readonly probeMs?: number;
  readonly scheduler?: Scheduler;
  /** Told when Redis goes away and comes back. */
  onChange?(state: 'back' | 'away', why: string): void;
  /** The store's time instead of Redis' own, Unix milliseconds: for tests. */
  storeTime?(): number;
}

interface Held {
  readonly call: SharedCall;
  readonly epochId: string;
}

interface Attempt {
  readonly answer: SharedAnswer;
  readonly isLast: boolean;
}

const TAKEN: Reservation = { taken: true };
const DEFAULTS = { keyPrefix: 'sallyport:', deadlineMs: 250, leaseMs: 15_000, probeMs: 100 };
const GRACE_MS = 60_000;
const RESERVATION_MS = 30_000;
const MOST_OWED = 10_000;

/**
 * Counters that all workers share, in Redis.
 *
 * What a caller is told in time is true. What it was not told in time is taken as denied, and given back as soon as Redis says
 * that it was taken; until then, or for good if Redis never says, units are counted that nobody used, never the other way round.
 */
export class RedisCounterStore implements CounterStore {
  private readonly settings: RedisCounterStoreOptions & typeof DEFAULTS;
  private readonly scheduler: Scheduler;
  private readonly keys: CounterKeys;
  private readonly shared: SharedCounters;
  private readonly circuit: Circuit;
  private readonly leases: Leases;
  private readonly local: LocalShare;
  private readonly held = new WeakMap<readonly CounterAsk[], Held>();
  /** Attempts under way, by reservation. */
  private readonly attempts = new Map<string, number>();
  /** Given back when Redis is there again; each at most once. */
  private owed: Held[] = [];

  constructor(options: RedisCounterStoreOptions) {
    const { redis } = options;
    this.settings = { ...DEFAULTS, ...options };
    this.scheduler = options.scheduler ?? timerScheduler(globalThis);
    this.keys = new CounterKeys(this.settings.keyPrefix);
    const nowArgument = (): string => (options.storeTime === undefined ? '' : String(options.storeTime()));
    const times = { leaseMs: this.settings.leaseMs, graceMs: GRACE_MS, nowArgument };
    this.shared = new SharedCounters(redis, this.keys, { ...times, reservationMs: RESERVATION_MS });
    const { deadlineMs, probeMs } = this.settings;
    this.circuit = new Circuit({ ping: () => redis.ping(), reconnect: () => redis.reconnect(), onChange: (...change) => this.changed(...change), scheduler: this.scheduler, deadlineMs, probeMs });
    this.leases = new Leases({ ...times, keys: this.keys, scheduler: this.scheduler, send: (...command) => this.inBackground(() => redis.run(...command)) });
    this.local = new LocalShare(() => options.liveWorkers());
  }

  /** Whether Redis is being asked. */
  get isAvailable(): boolean {
    return this.circuit.isClosed;
  }

  reserve(asks: readonly CounterAsk[], reservationId: string = randomUUID()): Reservation | Promise<Reservation> {
    if (asks.length === 0) return TAKEN;
    const call = sharedCall(asks, reservationId);
    if (!this.circuit.isClosed) return this.withoutStore(asks, counterFault.unavailable('Redis is away'));
    return this.reserveShared(call);
  }

  async release(asks: readonly CounterAsk[]): Promise<void> {
    if (this.local.release(asks)) return;
    const held = this.letGo(asks);
    if (held !== undefined) await this.giveBack(held);
  }

  async settle(asks: readonly CounterAsk[], notCounted: readonly number[] = []): Promise<void> {
    if (this.local.settle(asks, notCounted)) return;
    const held = this.letGo(asks);
    const ended = held?.call.asks.filter((ask, index) => ask.algorithm === 'concurrent' || notCounted.includes(index)) ?? [];
    if (held !== undefined && ended.length > 0) await this.giveBack({ ...held, call: { ...held.call, asks: ended } });
  }

  /** Stops renewing and looking. The connection is the caller's to close. */
  close(): void {
    this.circuit.end();
    this.leases.end();
  }

  private async reserveShared(call: SharedCall): Promise<Reservation> {
    try {
      const { answer } = await this.inTime(this.sent(call), (late) => this.cameLate(call, late));
      switch (answer.kind) {
        case 'taken':
          return this.hold(call, answer);
        case 'refused':
          return { taken: false, refusedIndex: answer.index, ...(answer.retryAfterMs < 0 ? {} : { retryAfterMs: answer.retryAfterMs }) };
        case 'reset':
          this.inBackground(() => this.settings.redis.addToSet(this.keys.wanted, call.organisationId));
          throw counterFault.reset(`Redis has no counters of organisation ${call.organisationId}`);
      }
    } catch (caught) {
      return this.withoutStore(call.asks, caught);
    }
  }

  private hold(call: SharedCall, { epochId, asks }: SharedAnswer & { kind: 'taken' }): Reservation {
    const held: Held = { call: { ...call, asks }, epochId };
    this.held.set(call.asks, held);
    this.held.set(asks, held);
    this.leases.add(call.reservationId, asks);
    return asks === call.asks ? TAKEN : { taken: true, asks };
  }

  private letGo(asks: readonly CounterAsk[]): Held | undefined {
    const held = this.held.get(asks);
    if (held === undefined) return undefined;
    this.held.delete(asks);
    this.held.delete(held.call.asks);
    this.leases.remove(held.call.reservationId);
    return held;
  }

  /** This worker's share for soft limits; a call with any hard one fails. */
  private withoutStore(asks: readonly CounterAsk[], caught: unknown): Reservation {
    const isStore = isFault(caught, 'counter.unavailable') || isFault(caught, 'counter.reset');
    if (!isStore || asks.some((ask) => ask.class !== 'soft')) throw caught;
    return this.local.reserve(asks);
  }

  /** Sends a reservation. Where the connection broke, Redis may have taken it: it is given back when Redis knows it. */
  private sent(call: SharedCall): Promise<Attempt> {
    const { reservationId } = call;
    this.attempts.set(reservationId, (this.attempts.get(reservationId) ?? 0) + 1);
    return this.shared.reserve(call).then(
      (answer) => ({ answer, isLast: this.attemptEnded(reservationId) }),
      (error: unknown) => {
        if (this.attemptEnded(reservationId) && !isReply(error)) this.owe({ call, epochId: '' });
        throw error;
      },
    );
  }

  /** Whether no other attempt of the reservation is under way. */
  private attemptEnded(reservationId: string): boolean {
    const others = (this.attempts.get(reservationId) ?? 1) - 1;
    if (others === 0) this.attempts.delete(reservationId);
    else this.attempts.set(reservationId, others);
    return others === 0;
  }

  /** Nobody counts on an answer that came late, unless the call was asked for again meanwhile: then that attempt decides. */
  private cameLate(call: SharedCall, { answer, isLast }: Attempt): void {
    if (answer.kind === 'taken' && isLast) this.inBackground(() => this.giveBack({ call: { ...call, asks: answer.asks }, epochId: answer.epochId }));
  }

  /** Sent once at most: were its fate unknown and it sent again, units of others might be given back. */
  private async giveBack(held: Held): Promise<void> {
    if (!this.circuit.isClosed) return this.owe(held);
    await this.inTime(this.shared.giveBack(held.call, held.epochId)).catch(() => undefined); // lost with their window, or with their lease
  }

  private owe(held: Held): void {
    if (this.owed.length < MOST_OWED) this.owed.push(held);
  }

  private changed(state: 'back' | 'away', why: string): void {
    this.settings.onChange?.(state, why);
    if (state === 'away') return;
    const owed = this.owed;
    this.owed = [];
    for (const held of owed) this.inBackground(() => this.giveBack(held));
  }

  private inTime<T>(work: Promise<T>, onLateAnswer?: (answer: T) => void): Promise<T> {
    const { deadlineMs } = this.settings;
    const late = (): Error => counterFault.unavailable(`Redis did not answer within ${deadlineMs} ms`);
    return within({ scheduler: this.scheduler, deadlineMs }, work, late, onLateAnswer).catch((caught: unknown) => {
      if (isReply(caught) && !isFault(caught)) throw counterFault.unavailable('Redis refused a command', {}, caught);
      const fault = isFault(caught) ? caught : counterFault.unavailable('the connection to Redis failed', {}, caught);
      this.circuit.trip(fault.message);
      throw fault;
    });
  }

  /** For what nobody waits for: a failure shows in the circuit, at the next call at the latest. */
  private inBackground(work: () => Promise<unknown>): void {
    if (this.circuit.isClosed) work().catch(() => undefined);
  }
}

/** Whether Redis itself said so: then the command was not carried out. */
function isReply(error: unknown): boolean {
  return isFault(error) || (error instanceof Error && error.name === 'ReplyError');
}
