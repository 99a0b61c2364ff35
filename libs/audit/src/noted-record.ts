import type { DecisionId, EpochMs, EventId, GrantId, IdentityId, OrganisationId, PolicyId, Revision, ServerId, TokenId } from '@sallyport/kernel';

/** Whose doing a note is about: a verified caller, at the server it came for. */
export interface NotedCaller {
  readonly identityId: IdentityId;
  readonly identityName: string;
  readonly identityKind: 'agent' | 'human' | 'service';
  readonly grantId: GrantId;
  readonly tokenId: TokenId;
  readonly serverId: ServerId;
  readonly serverSlug: string;
  readonly sourceIp: string | null;
  /** What the client calls itself; `null` where it did not say. */
  readonly clientName: string | null;
}

/** Why a worker let nobody in. */
export const SIGN_IN_REFUSALS = ['missing', 'malformed', 'unknown', 'ended', 'expired', 'other_server'] as const;
export type SignInRefusal = (typeof SIGN_IN_REFUSALS)[number];

/** What is wrong with a worker's journal, or is right again. */
export const DEGRADATIONS = ['near_full', 'refused', 'notes_dropped', 'recovered'] as const;
export type Degradation = (typeof DEGRADATIONS)[number];

/** This start of a worker takes calls from now on. */
export interface WorkerStarted {
  readonly kind: 'workerStarted';
  readonly version: string;
}

/** It takes none any more: it was stopped. One that was killed does not say so. */
export interface WorkerStopped {
  readonly kind: 'workerStopped';
}

/** A worker's state of an organisation became too old to decide by, or is fresh again. */
export interface FreshnessChanged {
  readonly kind: 'freshnessChanged';
  /** Two of the reason codes; `null`: it is fresh again. */
  readonly lost: 'policy_stale' | 'clock_skew' | null;
  /** Age of the newest stamp, milliseconds; below 0 where it comes from the future. `null` where there is none. */
  readonly stampAgeMs: number | null;
  readonly revision: Revision;
}

/** Refused sign-ins of one source, for one reason, within a minute. */
export interface SignInsRefused {
  readonly kind: 'signInsRefused';
  /** `null`: of sources too many to be kept apart. */
  readonly sourceIp: string | null;
  readonly reason: SignInRefusal;
  /** Where the token was somebody's: whose. */
  readonly tokenId: TokenId | null;
  readonly identityId: IdentityId | null;
  readonly count: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

/** A grant's token was taken from a source for the first time in an hour of this worker. */
export interface SignedIn {
  readonly kind: 'signedIn';
  readonly caller: NotedCaller;
}

/** A list of tools was answered. */
export interface ListServed {
  readonly kind: 'listServed';
  readonly caller: NotedCaller;
  readonly policyId: PolicyId | null;
  readonly policyVersion: number | null;
  readonly revision: Revision;
  readonly protocolVersion: string | null;
  readonly requestId: string | null;
  readonly shown: number;
  readonly hidden: number;
}

/** A call left a mark that its identity did not bear before, as far as this worker knew. */
export interface FlowTainted {
  readonly kind: 'flowTainted';
  readonly caller: NotedCaller;
  readonly decisionId: DecisionId;
  readonly tool: string;
  readonly mark: string;
  /** For how long it is borne. */
  readonly seconds: number;
}

/** A counter refused a call for the first time in its window on this worker. */
export interface LimitTripped {
  readonly kind: 'limitTripped';
  readonly caller: NotedCaller;
  readonly decisionId: DecisionId;
  readonly tool: string;
  readonly ruleId: string;
  /** The counter's name in the policy; never a value that it counts by. */
  readonly counter: string;
  readonly windowStartMs: EpochMs;
  readonly windowEndMs: EpochMs;
  /** What the call asked for, plain decimal. */
  readonly units: string;
}

/** The journal is near its bound, refuses decisions, lost notes, or is well again. */
export interface AuditDegraded {
  readonly kind: 'auditDegraded';
  readonly reason: Degradation;
  /** Decisions refused, or notes lost, since it was last told. */
  readonly count: number;
  /** How full the journal is, in hundredths. */
  readonly fullPercent: number;
}

/** What a worker notes besides its decisions. */
export type Note = WorkerStarted | WorkerStopped | FreshnessChanged | SignInsRefused | SignedIn | ListServed | FlowTainted | LimitTripped | AuditDegraded;

/** Something a worker noticed that is no call. Small, never waited for, and given up before a decision is. No value of an argument is in it. */
export interface NotedRecord {
  readonly kind: 'noted';
  readonly eventId: EventId;
  /** `null`: of the deployment. */
  readonly organisationId: OrganisationId | null;
  readonly at: EpochMs;
  readonly workerId: string;
  readonly note: Note;
}
