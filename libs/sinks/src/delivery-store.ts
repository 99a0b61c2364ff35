import type { AuditFact } from '@sallyport/audit-event';
import type { Result } from '@sallyport/kernel';

import type { SinkProgress } from './sink-progress.js';

/** Names a sink. The organisation is the nil UUID for the deployment's own. */
export interface SinkKey {
  readonly organisationId: string;
  readonly sinkId: string;
}

/** The right to export to a sink. `fence` counts its holders: a write with an older number changes nothing. */
export interface SinkLease extends SinkKey {
  readonly holder: string;
  readonly fence: number;
}

/** For how long a sink is wanted, and how eagerly. */
export interface LeaseWish {
  readonly ttlMs: number;
  /** Leaves a sink that was given back, or whose holder's time is over, to others for so long. One that nobody ever had is taken at once. */
  readonly patienceMs: number;
}

/** What became of a dead letter. */
export const DEAD_LETTER_STATES = ['waiting', 'resent', 'discarded'] as const;
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number];

/** An event that its receiver refused for good. The event itself stays in the stream, and leaves with it. */
export interface DeadLetter {
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  /** The receiver's words, without a credential; at most 300 characters. */
  readonly reason: string;
  readonly atMs: number;
  readonly state: DeadLetterState;
  readonly settledAtMs: number | null;
  /** The member who asked for it. */
  readonly settledBy: string | null;
}

/** A dead letter as it is written: it waits. */
export type NewDeadLetter = Pick<DeadLetter, 'seq' | 'eventId' | 'type' | 'reason' | 'atMs'>;

/** Dead letters that wait no longer. Those that do not wait, or are none, stay as they are. */
export interface SettledLetters {
  readonly seqs: readonly number[];
  readonly state: 'resent' | 'discarded';
  readonly by: string;
  readonly atMs: number;
}

/** One write: all of it or nothing. */
export interface DeliveryChange {
  /** The whole of what is kept from now on; its `revision` is one more than that of what it was made from. */
  readonly progress: SinkProgress;
  /** One that is there already waits again, with the new reason. */
  readonly deadLetters: readonly NewDeadLetter[];
  readonly settled: SettledLetters | null;
  /** Appended to the sink's stream, in this order. */
  readonly facts: readonly AuditFact[];
}

/**
 * Why a write changed nothing. `superseded`: another holds the lease now. `moved_on`: somebody wrote meanwhile, read again.
 * `gone`: the sink was removed.
 */
export type CommitRefusal = 'superseded' | 'moved_on' | 'gone';

/** Which dead letters are wanted, in order of `seq`. */
export interface DeadLetterPage {
  /** `null`: whatever became of them. */
  readonly state: DeadLetterState | null;
  readonly afterSeq: number;
  readonly limit: number;
}

/**
 * What is kept of every sink's export. Adapters promise:
 *
 * - `commit` is one transaction: progress, dead letters and facts together or none of them, and of two writes from the same revision one wins.
 * - A writer whose lease was taken over changes nothing, however late its write arrives.
 * - Time of leases, and of fleets, is the store's own.
 *
 * Every method throws a `Fault` when the store does not answer; whether a `commit` that threw was done shows by `writeId` when one reads again.
 */
export interface DeliveryStore {
  /** What is kept of a sink; made with `fresh` if there was nothing. */
  open(sink: SinkKey, fresh: SinkProgress): Promise<SinkProgress>;
  /** `null`: never opened, or removed. */
  load(sink: SinkKey): Promise<SinkProgress | null>;
  /**
   * Takes the sink when nobody has it, its holder's time is over, or the holder is this one, who keeps its number then.
   *
   * @returns null while somebody else has it, or it has not been free for long enough, and for a sink that was not opened.
   */
  lease(sink: SinkKey, holder: string, wish: LeaseWish): Promise<SinkLease | null>;
  /** Lets another take it. Changes nothing when the lease was taken over. */
  release(lease: SinkLease): Promise<void>;
  /** Says that a fleet is there for `ttlMs` more. @returns how many are there, this one among them. */
  attend(fleet: string, ttlMs: number): Promise<number>;
  /** A fleet is there no more. */
  leave(fleet: string): Promise<void>;
  /**
   * @param fence The writer's number; `null` for what a person does, which the revision alone protects.
   * @throws {Fault} `sinks.cursor_back` when the cursor would go back.
   */
  commit(sink: SinkKey, fence: number | null, change: DeliveryChange): Promise<Result<void, CommitRefusal>>;
  deadLetters(sink: SinkKey, page: DeadLetterPage): Promise<readonly DeadLetter[]>;
  deadLetter(sink: SinkKey, seq: number): Promise<DeadLetter | null>;
  /** How many dead letters wait. */
  waitingDeadLetters(sink: SinkKey): Promise<number>;
  /** Forgets a sink: its progress, lease and dead letters. */
  remove(sink: SinkKey): Promise<void>;
}
