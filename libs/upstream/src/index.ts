export type { EgressRefusal, EgressScope, GuardedUrl, Resolver } from './egress-guard.js';
export { EgressGuard } from './egress-guard.js';
export type { HttpTarget } from './guarded-connector.js';
export type { HttpUpstreamLimits } from './http-upstream.js';
export { HttpUpstream, HttpUpstreams } from './http-upstream.js';
export type { UpstreamCall, UpstreamErrorKind, UpstreamHandler, UpstreamRequest } from './upstream-call.js';
