import { Pool } from 'undici';

import { guardedConnector, type HttpTarget } from './guarded-connector.js';
import type { EgressGuard, EgressScope, GuardedUrl } from './egress-guard.js';
import { HttpExchange } from './http-exchange.js';
import type { UpstreamCall, UpstreamHandler, UpstreamRequest } from './upstream-call.js';

/** Sizes and times of the connections to one upstream on behalf of one organisation. */
export interface HttpUpstreamLimits {
  /** Connections at most; each carries one call at a time. */
  readonly connections: number;
  /** Calls that may wait for a connection; the next one is refused as `pool_full`. */
  readonly waiting: number;
  /** Milliseconds for the resolution, and again for connection and TLS. */
  readonly connectTimeoutMs: number;
  /** Milliseconds an idle connection is kept. */
  readonly keepAliveMs: number;
}

/**
 * The way to one upstream for one organisation: a pool of kept-alive connections, each guarded when it was made. Connections are never shared
 * between organisations, because they were guarded for one, and because what is in flight on them belongs to it.
 *
 * Thin on purpose: it stands on the hot path. Redirects are never followed; compressed answers are refused.
 */
export class HttpUpstream {
  readonly url: GuardedUrl;
  private readonly pool: Pool;
  private readonly capacity: number;
  private underWay = 0;

  constructor(target: HttpTarget, limits: HttpUpstreamLimits) {
    this.url = target.url;
    this.capacity = limits.connections + limits.waiting;
    this.pool = new Pool(target.url.origin, {
      connections: limits.connections,
      pipelining: 1,
      keepAliveTimeout: limits.keepAliveMs,
      connect: guardedConnector(target, limits.connectTimeoutMs),
    });
  }

  /** Calls between `dispatch` and their end, those that wait for a connection included. */
  get inFlight(): number {
    return this.underWay;
  }

  /**
   * Sends one request as soon as a connection is free. Never throws: what goes wrong reaches `handler.onError`, perhaps before this returns.
   */
  dispatch(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall {
    const exchange = new HttpExchange(handler, this.settled);
    if (this.underWay >= this.capacity) {
      exchange.refuse('pool_full');
      return exchange;
    }
    this.underWay += 1;
    request.headers.push('accept-encoding', 'identity');
    this.pool.dispatch(
      {
        path: request.path,
        method: request.method,
        headers: request.headers,
        body: request.body,
        headersTimeout: request.headersTimeoutMs,
        bodyTimeout: request.idleTimeoutMs,
      },
      exchange,
    );
    return exchange;
  }

  /** Lets calls in flight end, refuses new ones as `closed`. */
  close(): Promise<void> {
    return this.pool.close();
  }

  /** Cuts every connection; calls in flight end as `closed`. */
  async destroy(): Promise<void> {
    await this.pool.destroy();
  }

  private readonly settled = (): void => {
    this.underWay -= 1;
  };
}

/** Every way out of this process, one per upstream origin and organisation. */
export class HttpUpstreams {
  private readonly byKey = new Map<string, HttpUpstream>();

  constructor(
    private readonly guard: EgressGuard,
    private readonly limits: HttpUpstreamLimits,
  ) {}

  /** The way to an upstream; the same object for the same origin and organisation until it is dropped. Refuses an address by its form or literal. */
  at(url: GuardedUrl, scope: EgressScope): HttpUpstream {
    const key = `${scope.organisationId} ${url.origin}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const made = new HttpUpstream({ guard: this.guard, url, scope }, this.limits);
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

