import { branded, type PolicyId } from '@sallyport/kernel';

import type { Projector } from '../../../platform/persistence/projector.js';
import { evolvePolicyRow, policyVersionRow } from './evolve-policy-row.js';
import { PolicyRow } from './policy-row.entity.js';
import { PolicyVersionRow } from './policy-version-row.entity.js';

/** Keeps `policies` and `policy_versions`. */
export const policyProjector: Projector = {
  tables: ['policies', 'policy_versions'],
  async apply(manager, event) {
    const { organisationId, object } = event;
    if (object.kind !== 'policy') return;
    const row = await manager.findOneBy(PolicyRow, { organisationId, policyId: branded<PolicyId>(object.id) });
    const next = evolvePolicyRow(row ?? undefined, event);
    if (next !== undefined) await manager.upsert(PolicyRow, next, ['organisationId', 'policyId']);
    const version = policyVersionRow(event);
    if (version !== undefined) await manager.insert(PolicyVersionRow, version);
  },
};
