import { branded, type GrantId } from '@sallyport/kernel';
import { Equal, LessThanOrEqual } from 'typeorm';

import type { Expiring } from '../../../platform/commands/expiring.js';
import { GrantRow } from '../read/grant-row.entity.js';
import { decideOnGrant } from './decide-on-grant.js';

/** Grants end at their `expiresAt`: workers and readers go by the time itself. */
export const expiringGrants: Expiring = {
  change: 'expireGrants',

  async overdue(rows, { organisationId, now, limit }) {
    const where = { organisationId, status: Equal<GrantRow['status']>('active'), expiresAt: LessThanOrEqual(now) };
    return (await rows.find(GrantRow, { where, order: { expiresAt: 'ASC' }, take: limit })).map(({ grantId }) => grantId);
  },

  async expire(session, id) {
    await decideOnGrant(session, branded<GrantId>(id), { type: 'expire', now: session.now });
  },
};
