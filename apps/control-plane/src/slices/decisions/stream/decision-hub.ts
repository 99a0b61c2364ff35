import { Injectable } from '@nestjs/common';
import type { DecisionId, OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import type { DecisionRow } from '../decision-to-graphql.js';
import { SELECT_DECISIONS } from '../read/select-decisions.sql.js';

/** Told of decisions of its organisation that have just been stored with their outcome, oldest first. Does not wait. */
export type DecisionListener = (rows: readonly DecisionRow[]) => void;

/** Hands stored decisions on to whoever listens. Rows are read only for an organisation that somebody listens to. */
@Injectable()
export class DecisionHub {
  private readonly listeners = new Map<OrganisationId, Set<DecisionListener>>();

  /** Listens until the answer is called. */
  listen(organisationId: OrganisationId, listener: DecisionListener): () => void {
    const all = this.listeners.get(organisationId) ?? new Set();
    this.listeners.set(organisationId, all.add(listener));
    return () => {
      all.delete(listener);
      if (all.size === 0) this.listeners.delete(organisationId);
    };
  }

  /** Reads what is to be delivered, inside the transaction that stored it; nothing when nobody listens. */
  async rowsFor(manager: EntityManager, organisationId: OrganisationId, settled: readonly DecisionId[]): Promise<readonly DecisionRow[]> {
    if (settled.length === 0 || !this.listeners.has(organisationId)) return [];
    return manager.query<DecisionRow[]>(
      `${SELECT_DECISIONS} WHERE d.organisation_id = $1 AND d.decision_id = ANY ($2::uuid[]) ORDER BY d.at, d.decision_id`,
      [organisationId, settled],
    );
  }

  /** Delivers rows, once they are committed. */
  deliver(organisationId: OrganisationId, rows: readonly DecisionRow[]): void {
    if (rows.length === 0) return;
    for (const listener of this.listeners.get(organisationId) ?? []) listener(rows);
  }
}
