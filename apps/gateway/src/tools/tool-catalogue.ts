import type { ListedTool, ProtocolEra } from '@sallyport/domain-events';
import { renderToolList, type RenderedToolList } from '@sallyport/mcp-protocol';
import { isListed } from '@sallyport/policy-engine';
import { LRUCache } from 'lru-cache';

import type { GrantBinding } from '../snapshot/grant-binding.js';
import type { LivePolicy } from '../snapshot/live-policy.js';
import type { ServerState } from '../snapshot/organisation-snapshot.js';

/** What one policy version shows of one server's approved tools, shared by every grant under it. */
export class ToolCatalogue {
  /** Equal for equal lists, whatever events lie between. */
  readonly fingerprint: string;
  /** Bytes that one era's rendered list takes, about. */
  readonly bytes: number;
  private readonly rendered: { legacy?: RenderedToolList; modern?: RenderedToolList } = {};

  /** How many tools it shows. */
  get count(): number {
    return this.tools.length;
  }

  constructor(private readonly tools: readonly ListedTool[]) {
    this.fingerprint = tools.map(({ hash }) => hash).join('');
    this.bytes = tools.reduce((sum, { definition }) => sum + definition.length, 0);
  }

  /** The answer to `tools/list` but for its id, rendered once for each era. */
  list(era: ProtocolEra): RenderedToolList {
    return (this.rendered[era] ??= renderToolList({ definitions: this.tools.map(({ definition }) => definition), era }));
  }
}

const NO_TOOLS = new ToolCatalogue([]);

/**
 * Tool lists, built on first use and bounded in memory. A tool is listed if and only if some call to it could be allowed now:
 * approved, not quarantined, not hidden, allowed by a rule or the default. Nothing of it depends on the grant.
 */
export class ToolCatalogues {
  private readonly built: LRUCache<string, ToolCatalogue>;
  private readonly numbers = new WeakMap<ServerState | LivePolicy, number>();
  private lastNumber = 0;

  constructor(maxBytes: number) {
    this.built = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ bytes }) => 2 * bytes + 1 });
  }

  of({ server, policy, toolLabels }: Pick<GrantBinding, 'server' | 'policy' | 'toolLabels'>): ToolCatalogue {
    if (policy === null || server.approved === null) return NO_TOOLS;
    const key = `${this.numberOf(server)} ${this.numberOf(policy)}`;
    const known = this.built.get(key);
    if (known !== undefined) return known;
    const made = new ToolCatalogue(visibleTools(server, policy, toolLabels));
    this.built.set(key, made);
    return made;
  }

  /** A state's number in this process: states are immutable, so the number stands for all they hold. */
  private numberOf(state: ServerState | LivePolicy): number {
    const known = this.numbers.get(state);
    if (known !== undefined) return known;
    this.lastNumber += 1;
    this.numbers.set(state, this.lastNumber);
    return this.lastNumber;
  }
}

function visibleTools(server: ServerState, policy: LivePolicy, toolLabels: GrantBinding['toolLabels']): readonly ListedTool[] {
  return (server.approved?.list ?? []).filter(({ name }) => !server.quarantined.has(name) && isListed(policy.compiled, name, toolLabels.of(name)));
}
