import type { Scheduler } from '@sallyport/kernel';
import type { GuardedNetwork, NetworkRefusal } from '@sallyport/sinks';

import { deferred, type Deferred } from './deferred.js';
import type { EgressGuard, EgressScope, GuardedUrl } from './egress-guard.js';
import { guardedNetwork } from './guarded-network.js';
import { HttpExchange } from './http-exchange.js';
import { CoarseClock } from './http1/coarse-clock.js';
import { Connection, type ConnectionOwner } from './http1/connection.js';
import { requestHead } from './http1/request-head.js';
import type { UpstreamCall, UpstreamErrorKind, UpstreamHandler, UpstreamRequest } from './upstream-call.js';

/** Who to connect to, for whom, and what decides whether that is allowed. */
export interface HttpTarget {
  readonly guard: EgressGuard;
  readonly url: GuardedUrl;
  readonly scope: EgressScope;
}

/** Sizes and times of the connections to one upstream on behalf of one organisation. */
export interface HttpUpstreamLimits {
  /** Connections at most; each carries one call at a time. */
  readonly connections: number;
  /** Calls that may wait for a connection; the next one is refused as `pool_full`. */
  readonly waiting: number;
  /** Milliseconds for resolution, connection and TLS together. */
  readonly connectTimeoutMs: number;
  /** Milliseconds an idle connection is kept, unless the server says that it keeps it for less. */
  readonly keepAliveMs: number;
}

/**
 * The way to one upstream for one organisation: a pool of kept-alive connections, each guarded when it was made. Connections are never shared
 * between organisations, because they were guarded for one, and because what is in flight on them belongs to it.
 *
 * Thin on purpose: it stands on the hot path. Redirects are never followed; compressed answers are refused.
 */
export class HttpUpstream implements ConnectionOwner {
  readonly url: GuardedUrl;
  private readonly network: GuardedNetwork;
  private readonly host: string;
  private readonly connections = new Set<Connection>();
  private readonly waiting: HttpExchange[] = [];
  /** One a connection that is being made. */
  private readonly attempts = new Set<AbortController>();
  private readonly free: Connection[] = [];
  private resting: Connection[] = [];
  private rested: Connection[] = [];
  private underWay = 0;
  private closing: Deferred<void> | undefined;

  constructor(
    target: HttpTarget,
    private readonly limits: HttpUpstreamLimits,
    private readonly clock: CoarseClock,
  ) {
    this.url = target.url;
    this.host = new URL(target.url.origin).host;
    this.network = guardedNetwork(target.guard, target.scope, limits.connectTimeoutMs);
  }

  /** Calls between `dispatch` and their end, those that wait for a connection included. */
  get inFlight(): number {
    return this.underWay;
  }

  /**
   * Sends one request as soon as a connection is free. Never throws: what goes wrong reaches `handler.onError`, perhaps before this returns.
   */
  dispatch(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall {
    const head = requestHead(request, this.host);
    const exchange = new HttpExchange(request, head ?? '', handler, this.settled);
    this.underWay += 1;
    if (head === undefined) exchange.fail('unframeable');
    else if (this.closing !== undefined) exchange.fail('closed');
    else if (this.underWay > this.limits.connections + this.limits.waiting) exchange.fail('pool_full');
    else this.carry(exchange);
    return exchange;
  }

  /** Lets calls in flight end, refuses new ones as `closed`. */
  close(): Promise<void> {
    this.closing ??= deferred();
    this.endIfUnused();
    return this.closing.promise;
  }

  /** Cuts every connection; calls in flight end as `closed`. */
  async destroy(): Promise<void> {
    this.closing ??= deferred();
    for (const attempt of this.attempts) attempt.abort();
    for (const exchange of [...this.waiting]) exchange.fail('closed');
    for (const connection of [...this.connections]) connection.cut('closed');
    this.endIfUnused();
    await this.closing.promise;
  }

  rests(connection: Connection): void {
    this.resting.push(connection);
    if (this.resting.length === 1 && this.rested.length === 0) setImmediate(this.turned);
  }

  lost(connection: Connection): void {
    this.connections.delete(connection);
    if (this.connections.size === 0) this.clock.delete(this.tick);
    const at = this.free.indexOf(connection);
    if (at !== -1) this.free.splice(at, 1);
    this.connectForWaiting();
  }

  private carry(exchange: HttpExchange): void {
    const connection = this.free.pop();
    if (connection?.isOpen === true && connection.isFresh) {
      if (!connection.carry(exchange)) this.use(connection);
      return;
    }
    this.waiting.push(exchange);
    if (connection === undefined) this.connectForWaiting();
    else this.rests(connection);
  }

  /**
   * What a connection has to say without being asked, bytes or its end, is seen before it carries the next call: the loop looks at it once more
   * between the turn in which it came to rest and the one in which it is free.
   */
  private readonly turned = (): void => {
    const free = this.rested;
    this.rested = this.resting;
    this.resting = [];
    for (const connection of free) if (connection.isOpen) this.use(connection);
    if (this.rested.length > 0) setImmediate(this.turned);
    this.connectForWaiting();
  };

  /** Gives a connection to the call that has waited for longest. */
  private use(connection: Connection): void {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      if (connection.carry(next)) return;
    }
    this.free.push(connection);
  }

  private connectForWaiting(): void {
    while (this.waiting.length > this.soonFree && this.connections.size + this.attempts.size < this.limits.connections) void this.connect();
  }

  /** Connections that take up calls without being asked: those that are being made, and those that rest. */
  private get soonFree(): number {
    return this.attempts.size + this.resting.length + this.rested.length;
  }

  private async connect(): Promise<void> {
    const { hostname: host, port, protocol } = this.url;
    const tls = protocol === 'https:' ? HTTP1_OVER_TLS : null;
    const attempt = new AbortController();
    this.attempts.add(attempt);
    const connected = await this.network.connect({ host, port, tls }, attempt.signal);
    this.attempts.delete(attempt);
    if (!connected.ok) {
      this.waiting.shift()?.fail(KIND_OF_REFUSAL[connected.refusal.kind]);
      return this.connectForWaiting();
    }
    if (attempt.signal.aborted) return void connected.value.destroy();
    if (this.connections.size === 0) this.clock.add(this.tick);
    const connection = new Connection(connected.value, this, this.clock, this.limits.keepAliveMs);
    this.connections.add(connection);
    this.use(connection);
  }

  private readonly tick = (): void => {
    for (const connection of [...this.connections]) connection.tick();
  };

  private readonly settled = (exchange: HttpExchange): void => {
    this.underWay -= 1;
    if (!exchange.sent) {
      const at = this.waiting.indexOf(exchange);
      if (at !== -1) this.waiting.splice(at, 1);
    }
    if (this.closing !== undefined) this.endIfUnused();
  };

  private endIfUnused(): void {
    if (this.underWay > 0 || this.closing === undefined) return;
    for (const attempt of this.attempts) attempt.abort();
    for (const connection of [...this.connections]) connection.cut('closed');
    this.closing.resolve();
  }
}

const HTTP1_OVER_TLS = { alpn: ['http/1.1'] };
const KIND_OF_REFUSAL: Readonly<Record<NetworkRefusal['kind'], UpstreamErrorKind>> = {
  refused: 'egress',
  unreachable: 'refused',
  timeout: 'timeout',
  certificate: 'tls',
};

/** Every way out of this process, one per upstream origin and organisation. */
export class HttpUpstreams {
  private readonly byKey = new Map<string, HttpUpstream>();
  private readonly clock: CoarseClock;

  constructor(
    private readonly guard: EgressGuard,
    private readonly limits: HttpUpstreamLimits,
    scheduler: Scheduler,
  ) {
    this.clock = new CoarseClock(scheduler);
  }

  /** The way to an upstream; the same object for the same origin and organisation until it is dropped. Refuses an address by its form or literal. */
  at(url: GuardedUrl, scope: EgressScope): HttpUpstream {
    const key = `${scope.organisationId} ${url.origin}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const made = new HttpUpstream({ guard: this.guard, url, scope }, this.limits, this.clock);
    this.byKey.set(key, made);
    return made;
  }

  /** Forgets an upstream that is not used any more; its calls in flight end in peace. */
  drop(url: GuardedUrl, scope: EgressScope): void {
    const key = `${scope.organisationId} ${url.origin}`;
    void this.byKey.get(key)?.close();
    this.byKey.delete(key);
  }

  /** Lets every call in flight end, then closes all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.byKey.values()].map((upstream) => upstream.close()));
    this.byKey.clear();
  }
}
