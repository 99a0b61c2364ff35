import type { DecisionId, MemberId, RevealId } from '@sallyport/kernel';

import type { Fact } from './envelope.js';

/** A member asks to read the argument values that were kept of one decision; another member may confirm it before `confirmBy`. */
export type RevealRequested = Fact<'reveal.requested', 1, { revealId: RevealId; decisionId: DecisionId; requestedBy: MemberId; reason: string; confirmBy: string }>;
/** Another member agrees: who asked may read the values before `readBy`, at most `reads` times. */
export type RevealConfirmed = Fact<'reveal.confirmed', 1, { revealId: RevealId; confirmedBy: MemberId; readBy: string; reads: number }>;
/** A member does not agree, or takes back what was agreed or asked. */
export type RevealRefused = Fact<'reveal.refused', 1, { revealId: RevealId; refusedBy: MemberId; reason: string }>;
/** Who asked has read the values, for the `reading`-th time. The values are in no event. */
export type RevealRead = Fact<'reveal.read', 1, { revealId: RevealId; reading: number }>;
/** The time to confirm, or to read, has passed. */
export type RevealExpired = Fact<'reveal.expired', 1, { revealId: RevealId }>;

/** Facts about who asks to see recorded argument values, and who lets them. */
export type RevealEvent = RevealRequested | RevealConfirmed | RevealRefused | RevealRead | RevealExpired;
