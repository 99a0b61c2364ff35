import { branded, type RevealId } from '@sallyport/kernel';
import { LessThanOrEqual } from 'typeorm';

import type { Expiring } from '../../../platform/commands/expiring.js';
import { RevealRow } from '../read/reveal-row.entity.js';
import { decideOnReveal } from './decide-on-reveal.js';

/** Reveals end at their `openUntil`: whoever confirms or reads goes by the time itself. */
export const expiringReveals: Expiring = {
  change: 'expireReveals',

  async overdue(rows, { organisationId, now, limit }) {
    return (await rows.find(RevealRow, { where: { organisationId, openUntil: LessThanOrEqual(now) }, order: { openUntil: 'ASC' }, take: limit })).map(({ revealId }) => revealId);
  },

  async expire(session, id) {
    await decideOnReveal(session, branded<RevealId>(id), { type: 'expire', now: session.now });
  },
};
