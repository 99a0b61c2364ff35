import type { PauseCause } from './sink.js';

/**
 * Where a sink stands.
 *
 * - `active`: what comes is sent.
 * - `backoff`: the receiver did not take the last batch; the next attempt is at `retryAtMs`.
 * - `paused`: nothing is sent before a person has acted, as `advice` says.
 * - `disabled`: an administrator switched it off.
 */
export const SINK_STATES = ['active', 'backoff', 'paused', 'disabled'] as const;
export type SinkStateName = (typeof SINK_STATES)[number];

/** Why a sink is paused: what its receiver said, `failing` for seven days, `refusing` one event after the other, or `asked` by a person. */
export type SinkPauseCause = PauseCause | 'failing' | 'refusing' | 'asked';

/** The last thing that went wrong: its class, and a sentence without a credential. */
export interface SinkError {
  readonly class: 'unavailable' | 'unfit' | 'partly' | 'refused' | 'hung' | 'fault' | SinkPauseCause;
  readonly reason: string;
  readonly atMs: number;
}

/** Why events are not at the receiver: refused, past their retention before they could be sent, or left out by an administrator. */
export type GapReason = 'dead_letter' | 'retention' | 'skipped';

/** Something that will be said in the stream: `count` events within `from` … `to`, both included. */
export interface PendingNote {
  readonly kind: 'gap' | 'dead_letter';
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Of a gap a `GapReason`, of a dead letter the receiver's last reason. */
  readonly reason: string;
  /** The member who asked for it; null where nobody did. */
  readonly askedBy: string | null;
}

/** How far a replay came. */
export const REPLAY_STATES = ['running', 'done', 'cancelled'] as const;
export type ReplayState = (typeof REPLAY_STATES)[number];

/** A second cursor over a range of the stream, both ends included. */
export interface SinkReplay {
  /** Given by who asks: asking twice with one id is asking once. */
  readonly replayId: string;
  readonly from: number;
  readonly to: number;
  /** The next `seq` that is to be sent; above `to` when done. */
  readonly next: number;
  /** Just these, in order, whatever the filter says: dead letters that are sent again. `null`: what the filter lets through. */
  readonly only: readonly number[] | null;
  readonly eventsPerSecond: number;
  readonly reason: string;
  readonly askedBy: string;
  readonly askedAtMs: number;
  readonly state: ReplayState;
  readonly delivered: number;
  readonly deadLettered: number;
}

/** What a sink did over all its life. */
export interface SinkCounters {
  readonly attempts: number;
  readonly failedAttempts: number;
  readonly delivered: number;
  readonly deliveredBytes: number;
  readonly filtered: number;
  readonly deadLettered: number;
  readonly replayed: number;
  /** Events within gaps that were said in the stream. */
  readonly gapEvents: number;
}

/** All that is kept of one sink's export. Plain JSON: written and read whole. Times are Unix milliseconds. */
export interface SinkProgress {
  /** Counts the writes: a write names the next one. */
  readonly revision: number;
  /** The id of the write that made this, by which a writer knows its own again when its answer was lost. */
  readonly writeId: string;
  /** Everything up to here was acknowledged, left out by the filter, or is a dead letter or a gap. Never goes back. */
  readonly cursor: number;
  /** What was sent so far: above `cursor` only for receivers that acknowledge nothing. */
  readonly sent: number;
  readonly state: SinkStateName;
  readonly stateSinceMs: number;
  readonly pauseCause: SinkPauseCause | null;
  readonly stateReason: string | null;
  /** What a person has to do. */
  readonly advice: string | null;
  /** The version of the definition that the pause is about: another one ends it. */
  readonly pausedVersion: number | null;
  /** Failed attempts since something was last acknowledged. */
  readonly failures: number;
  readonly failingSinceMs: number | null;
  readonly retryAtMs: number | null;
  /** The end of the batch that was tried last and is not acknowledged: it goes out again with the same end, so that a receiver knows it. */
  readonly attemptTo: number | null;
  readonly lastError: SinkError | null;
  readonly lastDeliveredAtMs: number | null;
  /** Dead letters since something was last acknowledged; those of a request that was refused as one count as one. */
  readonly refusedInARow: number;
  readonly counters: SinkCounters;
  /** Events acknowledged in the last slices of time, oldest first. */
  readonly recent: readonly { readonly startMs: number; readonly events: number }[];
  /** What is still to be said in the stream. */
  readonly pending: readonly PendingNote[];
  readonly announcedAtMs: number | null;
  /** Replays that run, and the newest of those that are over. */
  readonly replays: readonly SinkReplay[];
}

/** Whether requests were refused as a whole, and none was taken since: what comes next is tried with single events. */
export function triesSingleEvents({ failures, lastError }: SinkProgress): boolean {
  return failures > 0 && lastError?.class === 'refused';
}

/** A sink that has sent nothing yet and begins after `cursor`. */
export function freshProgress(cursor: number, nowMs: number, writeId: string): SinkProgress {
  return {
    revision: 1,
    writeId,
    cursor,
    sent: cursor,
    state: 'active',
    stateSinceMs: nowMs,
    pauseCause: null,
    stateReason: null,
    advice: null,
    pausedVersion: null,
    failures: 0,
    failingSinceMs: null,
    retryAtMs: null,
    attemptTo: null,
    lastError: null,
    lastDeliveredAtMs: null,
    refusedInARow: 0,
    counters: { attempts: 0, failedAttempts: 0, delivered: 0, deliveredBytes: 0, filtered: 0, deadLettered: 0, replayed: 0, gapEvents: 0 },
    recent: [],
    pending: [],
    announcedAtMs: null,
    replays: [],
  };
}
