import type { Scheduler } from '@sallyport/kernel';

import { deferred } from '../deferred.js';
import { EgressGuard, type EgressScope } from '../egress-guard.js';
import { CoarseClock } from '../http1/coarse-clock.js';
import { HttpUpstream, type HttpUpstreamLimits } from '../http-upstream.js';
import type { UpstreamCall, UpstreamErrorKind, UpstreamHandler, UpstreamRequest } from '../upstream-call.js';

/** For whom tests call. */
export const SCOPE: EgressScope = { organisationId: 'o1', organisationSlug: 'acme' };
/** Lets through what is on loopback. */
export const LOOPBACK = new EgressGuard({ allow: [{ cidr: '127.0.0.0/8' }], ports: [] });
/** One connection, one call that waits. */
export const LIMITS: HttpUpstreamLimits = { connections: 1, waiting: 1, connectTimeoutMs: 1_000, keepAliveMs: 5_000 };

/** What an upstream is made with; `scheduler` is the time of its deadlines. */
export interface UpstreamSetting {
  readonly scheduler: Scheduler;
  readonly guard?: EgressGuard;
  readonly limits?: Partial<HttpUpstreamLimits>;
}

/** The way to an address on loopback. */
export function upstreamAt(url: string, { scheduler, guard, limits }: UpstreamSetting): HttpUpstream {
  const checked = LOOPBACK.checkUrl(url, SCOPE);
  if (!checked.ok) throw new Error(checked.refusal.message);
  return new HttpUpstream({ guard: guard ?? LOOPBACK, url: checked.value, scope: SCOPE }, { ...LIMITS, ...limits }, new CoarseClock(scheduler));
}

/** A small request; `change` says what differs. */
export function post(change: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return { method: 'POST', path: '/mcp', headers: ['content-type', 'application/json'], body: Buffer.from('{"a":1}'), headersTimeoutMs: 5_000, idleTimeoutMs: 0, ...change };
}

/** What became of a call. */
export interface Outcome {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
  readonly error: UpstreamErrorKind | undefined;
  readonly sent: boolean;
}

/** Sends a request and gathers its answer; `extra` replaces parts of the handler. */
export function send(upstream: HttpUpstream, request: UpstreamRequest, extra: Partial<UpstreamHandler> = {}): { call: UpstreamCall; outcome: Promise<Outcome> } {
  let status = 0;
  let headers: readonly string[] = [];
  const parts: Buffer[] = [];
  const { promise, resolve } = deferred<UpstreamErrorKind | undefined>();
  const call = upstream.dispatch(request, {
    onHeaders: (code, raw) => {
      status = code;
      headers = raw;
    },
    onData: (chunk) => parts.push(chunk) > 0,
    onEnd: () => resolve(undefined),
    onError: (kind) => resolve(kind),
    ...extra,
  });
  const outcome = promise.then((error) => ({ status, headers, body: Buffer.concat(parts).toString(), error, sent: call.sent }));
  return { call, outcome };
}
