import type { SinkId } from '@sallyport/kernel';

import type { Fact } from './envelope.js';

/** A sink's credential; `sealedValue` is the secret box's text, opened only where and when the sink is opened. */
export interface SealedCredential {
  readonly name: string;
  readonly sealedValue: string;
}

/** Which audit events go to a sink. An empty list of either lets all through. */
export interface SinkFilter {
  /** Types of events, `call.decided`, or all types that begin alike, `call.*`. */
  readonly types: readonly string[];
  /** `allowed`, `denied`, …; an event without an outcome passes only where this is empty. */
  readonly outcomes: readonly string[];
}

/**
 * How a receiver's ownership was shown: it echoed a challenge, what was written there was read back, an admin typed in the code
 * that arrived there, or the machine's operator names it in the file.
 */
export const SINK_CONFIRMATIONS = ['echo', 'read_back', 'code', 'operator_file'] as const;
export type SinkConfirmation = (typeof SINK_CONFIRMATIONS)[number];

/** What a sink sends where, and how; always whole. */
interface Configuration {
  /** JSON text of an object; what is in it is the kind's own. Holds no secret. */
  settings: string;
  credentials: readonly SealedCredential[];
  filter: SinkFilter;
  /** The form events are sent in, as `libs/sinks` names it. */
  format: string;
  /** The version of the form's schema; `null` for the newest. */
  formatVersion: string | null;
}

/**
 * Audit events shall go to a receiver, once its ownership is shown. `sinkType` is the kind's name as `libs/sinks` has it.
 * What lies at `afterSeq` or before in the organisation's audit stream does not go there by itself.
 */
export type SinkAdded = Fact<'sink.added', 1, { sinkId: SinkId; name: string; sinkType: string } & Configuration & { afterSeq: number }>;
/** The configuration was replaced as a whole. Other settings or credentials than before ask for another confirmation. */
export type SinkChanged = Fact<'sink.changed', 1, { sinkId: SinkId } & Configuration>;
/** The receiver is the organisation's to send to: events go out from here on. */
export type SinkConfirmed = Fact<'sink.confirmed', 1, { sinkId: SinkId; how: SinkConfirmation }>;
/** A person stopped it; its place in the stream is kept. */
export type SinkPaused = Fact<'sink.paused', 1, { sinkId: SinkId; reason: string }>;
/** A person let it go on, from where it stopped. */
export type SinkResumed = Fact<'sink.resumed', 1, { sinkId: SinkId; reason: string }>;
/** Nothing goes there any more, and its name is free. */
export type SinkRemoved = Fact<'sink.removed', 1, { sinkId: SinkId; reason: string }>;

/** Facts about where audit events are exported to. */
export type SinkEvent = SinkAdded | SinkChanged | SinkConfirmed | SinkPaused | SinkResumed | SinkRemoved;
