import { isListed } from '@sallyport/policy-engine';
import { LRUCache } from 'lru-cache';

import type { GrantBinding } from '../snapshot/grant-binding.js';
import type { LivePolicy } from '../snapshot/live-policy.js';
import type { ServerState } from '../snapshot/organisation-snapshot.js';

/** What one policy version shows of one server's approved tools: precomputed, shared by every grant under it. */
export interface ToolCatalogue {
  /** The JSON texts of the visible definitions, joined; equal texts mean equal lists. */
  readonly listed: string;
  readonly count: number;
}

const NO_TOOLS: ToolCatalogue = { listed: '', count: 0 };

/**
 * Tool lists, built on first use and bounded in memory. A tool is listed if and only if some call to it could be allowed now:
 * approved, not quarantined, not hidden, allowed by a rule or the default. Nothing of it depends on the grant.
 */
export class ToolCatalogues {
  private readonly built: LRUCache<string, ToolCatalogue>;
  private readonly numbers = new WeakMap<object, number>();
  private next = 0;

  constructor(maxBytes: number) {
    this.built = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ listed }) => listed.length + 1 });
  }

  of({ server, policy }: Pick<GrantBinding, 'server' | 'policy'>): ToolCatalogue {
    if (policy === null || server.approved === null) return NO_TOOLS;
    const key = `${this.numberOf(server)} ${this.numberOf(policy)}`;
    const known = this.built.get(key);
    if (known !== undefined) return known;
    const made = buildCatalogue(server, policy);
    this.built.set(key, made);
    return made;
  }

  private numberOf(state: object): number {
    const known = this.numbers.get(state);
    if (known !== undefined) return known;
    this.next += 1;
    this.numbers.set(state, this.next);
    return this.next;
  }
}

function buildCatalogue(server: ServerState, policy: LivePolicy): ToolCatalogue {
  const visible = (server.approved?.list ?? []).filter(({ name }) => !server.quarantined.has(name) && isListed(policy.compiled, name));
  return { listed: visible.map(({ definition }) => definition).join(','), count: visible.length };
}
