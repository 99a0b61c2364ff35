export type {
  Brand,
  DecisionId,
  EpochMs,
  EventId,
  GrantId,
  IdentityId,
  MemberId,
  OrganisationId,
  PolicyId,
  RevealId,
  Revision,
  ServerId,
  Sha256Hex,
  SinkId,
  TokenId,
} from './brand.js';
export { branded } from './brand.js';
export type { Clock } from './clock.js';
export type { Decimal } from './decimal.js';
export { ONE, ZERO, addDecimals, compareDecimals, formatDecimal, parseDecimal, subtractDecimals } from './decimal.js';
export type { FaultKind, FaultMaker, FaultSpec, RetryAdvice } from './fault.js';
export { Fault, defineFaults, isFault } from './fault.js';
export type { JsonObject, JsonValue } from './json.js';
export { ExactNumber, canonicalJson, isJsonObject } from './json.js';
export type { Result } from './result.js';
export { ok, refuse } from './result.js';
export type { Scheduler, Timers } from './scheduler.js';
export { timerScheduler } from './scheduler.js';
