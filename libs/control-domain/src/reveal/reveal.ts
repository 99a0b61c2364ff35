import type { DecisionId, EpochMs, MemberId, RevealId } from '@sallyport/kernel';

import type { CommandRefusal } from '../command-refusal.js';

/** How long a reveal waits for a second member when nobody said, milliseconds. */
export const DEFAULT_CONFIRM_MS = 24 * 3_600_000;
/** The longest it may wait, milliseconds. */
export const MAX_CONFIRM_MS = 7 * 24 * 3_600_000;
/** How long the values may be read after that when nobody said, milliseconds. */
export const DEFAULT_READ_MS = 15 * 60_000;
/** The longest they may be read, milliseconds. */
export const MAX_READ_MS = 24 * 3_600_000;
/** How often they may be read when nobody said. */
export const DEFAULT_READS = 3;
/** The most often they may be read. */
export const MAX_READS = 10;
/** How many reveals one member may have under way. */
export const MAX_OPEN_REVEALS = 20;
/** How long the reason of a reveal may be, UTF-16 units. */
export const MAX_REVEAL_REASON = 500;

interface Asked {
  readonly revealId: RevealId;
  readonly decisionId: DecisionId;
  readonly requestedBy: MemberId;
  readonly reason: string;
  readonly confirmBy: string;
}

/** A reveal as its events make it. Instants are RFC 3339; one that has passed ends the reveal whether or not that is recorded. */
export type Reveal =
  | { readonly status: 'absent' }
  | ({ readonly status: 'requested' } & Asked)
  | ({ readonly status: 'confirmed'; readonly confirmedBy: MemberId; readonly readBy: string; readonly reads: number; readonly readings: number } & Asked)
  | { readonly status: 'refused' }
  | { readonly status: 'expired' };

/** What can be asked of a reveal. `by` is the member who asks, whichever of the member's tokens is used. */
export type RevealCommand =
  | {
      readonly type: 'request';
      readonly revealId: RevealId;
      readonly decisionId: DecisionId;
      readonly by: MemberId;
      readonly reason: string;
      /** What there is of the decision's argument values: none were kept, they are there, or they were kept and erased. */
      readonly kept: 'none' | 'kept' | 'erased';
      /** How many reveals the member has under way. */
      readonly others: number;
      readonly confirmWithinMs: number;
      readonly now: EpochMs;
    }
  | {
      readonly type: 'confirm';
      readonly by: MemberId;
      /** Whether the token that is presented was made by whoever asks for the reveal, since asking. */
      readonly isTokenOfAsker: boolean;
      readonly readWithinMs: number;
      readonly reads: number;
      readonly now: EpochMs;
    }
  | { readonly type: 'refuse'; readonly by: MemberId; readonly reason: string; readonly now: EpochMs }
  | { readonly type: 'read'; readonly by: MemberId; readonly now: EpochMs }
  | { readonly type: 'expire'; readonly now: EpochMs };

/** Why a reveal's command can be refused. */
export type RevealRefusalCode =
  | 'reveal.unknown'
  | 'reveal.exists'
  | 'reveal.reason_invalid'
  | 'reveal.nothing_kept'
  | 'reveal.erased'
  | 'reveal.too_many'
  | 'reveal.confirm_within_invalid'
  | 'reveal.read_within_invalid'
  | 'reveal.reads_invalid'
  | 'reveal.own_request'
  | 'reveal.token_of_asker'
  | 'reveal.already_confirmed'
  | 'reveal.not_confirmed'
  | 'reveal.not_yours'
  | 'reveal.used_up'
  | 'reveal.refused'
  | 'reveal.expired';

/** One refusal of a reveal's command. */
export type RevealRefusal = CommandRefusal<RevealRefusalCode>;
