import type { RevealRefusalCode } from '@sallyport/control-domain';

import type { Refusal } from '../../platform/commands/refusal.js';
import type { RefusalSentences } from '../../platform/commands/refusal-at.js';

/** What a person reads when a reveal does not go on. */
export const revealRefusals: RefusalSentences<RevealRefusalCode> = {
  'reveal.unknown': 'There is no such reveal.',
  'reveal.exists': 'This reveal was asked for before.',
  'reveal.reason_invalid': 'Say why, in 1 to 500 characters without control characters.',
  'reveal.nothing_kept': 'No argument values of this decision were kept: see `record` of a policy rule.',
  'reveal.erased': 'The values were erased: the key that they were sealed with was destroyed, and nobody can read them any more.',
  'reveal.too_many': 'You have 20 reveals under way. Withdraw some, or wait for them to end.',
  'reveal.confirm_within_invalid': 'A reveal waits for at most seven days.',
  'reveal.read_within_invalid': 'Values may be read for at most 24 hours.',
  'reveal.reads_invalid': 'Values may be read 1 to 10 times.',
  'reveal.own_request': 'You asked for this reveal: another auditor or admin has to confirm it.',
  'reveal.token_of_asker': 'Who asked for this reveal made your token after asking: confirm it with another one.',
  'reveal.already_confirmed': 'This reveal was confirmed before.',
  'reveal.not_confirmed': 'No other auditor or admin has confirmed this reveal yet.',
  'reveal.not_yours': 'Only who asked for this reveal may read the values.',
  'reveal.used_up': 'The values were read as often as it was confirmed. Ask again.',
  'reveal.refused': 'This reveal was refused, or taken back.',
  'reveal.expired': 'The time of this reveal has passed. Ask again.',
};

/** A decision that there is not. */
export const unknownDecision: Refusal = { code: 'decision.unknown', message: 'There is no such decision.', pointer: '/decision' };

/** An operator in an organisation that is not the operator's own. */
export const membersOnly: Refusal = { code: 'reveal.members_only', message: 'Only members of the organisation itself ask for, confirm, refuse and read its reveals.' };
