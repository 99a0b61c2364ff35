/** Sizes in bytes, times in milliseconds; the operator's file overrides one by one. */
export interface OperatorLimits {
  /** Largest request body. */
  readonly requestBytes: number;
  /** Largest result that is streamed through. */
  readonly resultBytes: number;
  /** Largest result that a response rule may hold whole. */
  readonly heldResultBytes: number;
  /** Longest call, from the sending to the end of the answer. */
  readonly callTimeoutMs: number;
  /** Longest silence inside an answer that is a stream. */
  readonly streamIdleMs: number;
  /** Calls of one identity at a time on one worker; beyond: 429. */
  readonly concurrentCallsPerIdentity: number;
  /** Sessions end after this silence. */
  readonly sessionIdleMs: number;
  /** Sessions of one worker. */
  readonly maxSessions: number;
  /** Connections to one upstream for one organisation. */
  readonly connectionsPerUpstream: number;
  /** Calls that may wait for such a connection. */
  readonly waitingPerUpstream: number;
  /** Time for resolution, connection and TLS. */
  readonly connectTimeoutMs: number;
  /** Between two looks at whether an upstream's tools still are what was approved. */
  readonly driftCheckIntervalMs: number;
  /** Size of the decision journal at which calls are refused. */
  readonly journalBytes: number;
  /** Longest wait for the bus, where an organisation's decisions have to be on it before the call goes on. */
  readonly busWaitMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** What holds when the operator's file says nothing. */
export const DEFAULT_LIMITS: OperatorLimits = {
  requestBytes: MIB,
  resultBytes: 64 * MIB,
  heldResultBytes: 4 * MIB,
  callTimeoutMs: 2 * MINUTE,
  streamIdleMs: MINUTE,
  concurrentCallsPerIdentity: 512,
  sessionIdleMs: 30 * MINUTE,
  maxSessions: 10_000,
  connectionsPerUpstream: 128,
  waitingPerUpstream: 1024,
  connectTimeoutMs: 10 * SECOND,
  driftCheckIntervalMs: 5 * MINUTE,
  journalBytes: 1024 * MIB,
  busWaitMs: 5 * SECOND,
};
