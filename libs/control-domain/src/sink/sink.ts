import type { SealedCredential, SinkConfirmation, SinkFilter } from '@sallyport/domain-events';
import type { SinkId } from '@sallyport/kernel';

import type { CommandRefusal } from '../command-refusal.js';

/** How long the JSON text of a sink's settings may be, UTF-16 units. */
export const MAX_SETTINGS = 32_768;
/** How many patterns of types a sink's filter may have. */
export const MAX_FILTER_TYPES = 64;
/** How many sinks an organisation may have. */
export const MAX_SINKS = 100;

/** What a sink sends where, and how; always whole. */
export interface SinkConfigured {
  /** JSON text of an object. */
  readonly settings: string;
  readonly credentials: readonly SealedCredential[];
  readonly filter: SinkFilter;
  readonly format: string;
  readonly formatVersion: string | null;
}

/** A sink as its events make it. */
export type Sink =
  | { readonly status: 'absent' }
  | { readonly status: 'removed'; readonly sinkId: SinkId }
  | ({
      readonly status: 'present';
      readonly sinkId: SinkId;
      readonly name: string;
      readonly sinkType: string;
      /** How it was shown that the receiver is the organisation's; `null` until then, and again after other settings or credentials. */
      readonly confirmed: SinkConfirmation | null;
      /** Why a person stopped it; `null` while nobody has. */
      readonly paused: string | null;
      /** What lies there or before in the audit stream does not go out by itself. */
      readonly afterSeq: number;
    } & SinkConfigured);

/** What can be asked of a sink. What needs a look-up, or the kind of sink, comes in with the command. */
export type SinkCommand =
  | ({
      readonly type: 'add';
      readonly sinkId: SinkId;
      readonly name: string;
      readonly nameTaken: boolean;
      /** How many sinks the organisation has already. */
      readonly others: number;
      readonly sinkType: string;
      readonly afterSeq: number;
    } & SinkConfigured)
  | {
      readonly type: 'change';
      /** JSON text; `undefined` keeps what is, here and below. */
      readonly settings: string | undefined;
      /** Whether the settings given still lead to the same receiver, as the kind of sink has it. */
      readonly sameReceiver: boolean;
      readonly setCredentials: readonly SealedCredential[];
      readonly removeCredentials: readonly string[];
      readonly filter: SinkFilter | undefined;
      readonly format: string | undefined;
      readonly formatVersion: string | null | undefined;
    }
  | { readonly type: 'confirm'; readonly how: SinkConfirmation }
  | { readonly type: 'pause'; readonly reason: string }
  | {
      readonly type: 'resume';
      readonly reason: string;
      /** Whether the exporter itself has stopped it, because the receiver would have none of it. */
      readonly halted: boolean;
    }
  | { readonly type: 'remove'; readonly reason: string };

/** Why a sink's command can be refused. */
export type SinkRefusalCode =
  | 'sink.unknown'
  | 'sink.exists'
  | 'sink.name_invalid'
  | 'sink.name_taken'
  | 'sink.too_many'
  | 'sink.settings_too_long'
  | 'sink.filter_type_invalid'
  | 'sink.filter_too_long'
  | 'sink.filter_outcome_invalid'
  | 'sink.credential_unknown'
  | 'sink.credential_repeated'
  | 'sink.credentials_bound_to_receiver'
  | 'sink.reason_invalid';

/** One refusal of a sink's command. */
export type SinkRefusal = CommandRefusal<SinkRefusalCode>;
