import type { AuditEvent, StoredEvent } from '@sallyport/audit-event';
import type { Result } from '@sallyport/kernel';

/** An event on its way to a receiver: as stored, and as read. */
export interface OutgoingEvent {
  readonly stored: StoredEvent;
  readonly event: AuditEvent;
}

/** Some events of one stream, in order of `seq`, that go out together. The same batch may go out again: receivers tell by `event_id`. */
export interface OutgoingBatch {
  /** The same for every attempt with the same events. */
  readonly batchId: string;
  readonly events: readonly OutgoingEvent[];
  /** Whether these were asked for once more, by range. */
  readonly replay: boolean;
  /** The newest signed checkpoint of the stream: a C2SP note; null before the first. */
  readonly checkpoint: string | null;
}

/** Why a receiver will have none of it before a person changes something. */
export type PauseCause = 'auth' | 'config' | 'gone';

/**
 * What became of a batch, in the receiver's words.
 *
 * - `delivered`: the receiver has acknowledged every event, as far as this kind of sink can tell.
 * - `partly`: those named by index were refused for good (`rejected`) or are to be sent again (`again`); the rest is there.
 *   `asOne`: the request as a whole was refused, and its protocol forbids to send it again. That tells of the receiver rather than of the events:
 *   the exporter backs off, and goes on with single events until one is taken.
 * - `unfit`: the receiver refuses the batch for its contents or its size, and does not say which event: halve it.
 * - `unavailable`: nothing is known to be there; the same batch again later, not before `retryAfterMs`.
 * - `paused`: nothing more is sent until a person has acted. `advice` says what to do.
 *
 * Reasons never hold a credential, an argument's value or a resolved address; at most 300 characters.
 */
export type Delivery =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'partly'; readonly rejected: readonly { readonly index: number; readonly reason: string }[]; readonly again: readonly number[]; readonly retryAfterMs?: number; readonly reason?: string; readonly asOne?: boolean }
  | { readonly kind: 'unfit'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number }
  | { readonly kind: 'paused'; readonly cause: PauseCause; readonly reason: string; readonly advice: string };

/** Why a receiver was not shown to be the organisation's, as a sentence, and what to do. Neither holds a credential. */
export interface OwnershipProblem {
  readonly reason: string;
  readonly advice: string;
}

/** One receiver, opened. Holds its own sockets and no other sink's. */
export interface Sink {
  /**
   * Sends a batch and waits for what the receiver says of it. Never rejects: whatever goes wrong is a `Delivery`.
   * Ends soon after `signal` aborts, with `unavailable`.
   */
  deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery>;
  /** Bytes of one event as it is rendered, by which batches are measured; absent: those of its line. */
  size?(event: OutgoingEvent): number;
  /** One event as the receiver sees it, as text; absent where that is its rendering in the format. */
  preview?(event: OutgoingEvent): string;
  /**
   * Shows that the receiver is the organisation's, where the kind of sink says how: the receiver echoes `token`, or `token` is written
   * there and read back. Never rejects; ends soon after `signal` aborts. Absent where a person has to look for a test event.
   */
  prove?(token: string, signal: AbortSignal): Promise<Result<void, OwnershipProblem>>;
  /** Lets go of sockets and files. */
  close(): Promise<void>;
}
