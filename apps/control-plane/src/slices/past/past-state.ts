import type { DomainEvent } from '@sallyport/domain-events';
import { branded, type EpochMs, type Revision } from '@sallyport/kernel';

import { evolveGrantRow } from '../grants/read/evolve-grant-row.js';
import type { GrantRow } from '../grants/read/grant-row.entity.js';
import { evolveIdentityRow } from '../identities/read/evolve-identity-row.js';
import type { IdentityRow } from '../identities/read/identity-row.entity.js';
import { evolvePolicyRow, policyVersionRow } from '../policies/read/evolve-policy-row.js';
import type { PolicyRow } from '../policies/read/policy-row.entity.js';
import type { PolicyVersionRow } from '../policies/read/policy-version-row.entity.js';
import { evolveListingRow, evolveServerRow } from '../servers/read/evolve-server-row.js';
import type { ServerListingRow } from '../servers/read/server-listing-row.entity.js';
import type { ServerRow } from '../servers/read/server-row.entity.js';

/**
 * Who might call what, under which policy, at a point in an organisation's history: the rows as the tables had them then,
 * by id. Made by the same functions that keep the tables.
 */
export class PastState {
  readonly identities = new Map<string, IdentityRow>();
  readonly servers = new Map<string, ServerRow>();
  readonly listings = new Map<string, ServerListingRow>();
  readonly policies = new Map<string, PolicyRow>();
  /** Oldest first. */
  readonly policyVersions = new Map<string, readonly PolicyVersionRow[]>();
  readonly grants = new Map<string, GrantRow>();

  private lastEventMs = branded<EpochMs>(0);

  /** @param askedAtMs The time that was asked for; absent when a revision was. */
  constructor(
    readonly revision: Revision,
    private readonly askedAtMs?: EpochMs,
  ) {}

  /** The instant that decides which grants had expired: the time asked for, else that of the revision's event. */
  get atMs(): EpochMs {
    return this.askedAtMs ?? this.lastEventMs;
  }

  /** Takes in the next event. */
  apply(event: DomainEvent): void {
    const { id } = event.object;
    this.lastEventMs = branded<EpochMs>(Date.parse(event.occurredAt));
    switch (event.object.kind) {
      case 'identity':
        return evolve(this.identities, id, event, evolveIdentityRow);
      case 'server':
        evolve(this.servers, id, event, evolveServerRow);
        return evolve(this.listings, id, event, evolveListingRow);
      case 'policy':
        evolve(this.policies, id, event, evolvePolicyRow);
        return this.addVersion(id, policyVersionRow(event));
      case 'grant':
        return evolve(this.grants, id, event, evolveGrantRow);
      case 'organisation':
      case 'member':
      case 'token':
      case 'sink':
      case 'reveal':
        return;
    }
  }

  private addVersion(policyId: string, version: PolicyVersionRow | undefined): void {
    if (version !== undefined) this.policyVersions.set(policyId, [...(this.policyVersions.get(policyId) ?? []), version]);
  }
}

function evolve<Row>(rows: Map<string, Row>, id: string, event: DomainEvent, step: (row: Row | undefined, event: DomainEvent) => Row | undefined): void {
  const next = step(rows.get(id), event);
  if (next !== undefined) rows.set(id, next);
}
