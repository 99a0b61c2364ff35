import type { DomainEvent, IdentityKind, Labels } from '@sallyport/domain-events';
import { isJsonObject, type JsonValue } from '@sallyport/kernel';
import { readJson } from '@sallyport/mcp-protocol';
import type { ToolLabels } from '@sallyport/policy-engine';

import { hintsOf } from '../declared-tools.js';
import { evolveIdentityRow } from '../../identities/read/evolve-identity-row.js';
import type { IdentityRow } from '../../identities/read/identity-row.entity.js';
import { evolveListingRow, evolveServerRow } from '../../servers/read/evolve-server-row.js';
import type { ServerListingRow } from '../../servers/read/server-listing-row.entity.js';
import type { ServerRow } from '../../servers/read/server-row.entity.js';

/** What was so from a revision on. */
interface Since<Value> {
  readonly revision: number;
  readonly value: Value;
}

/** What policies ask of an identity, as it was. */
export interface PastIdentity {
  readonly kind: IdentityKind;
  readonly name: string;
  readonly labels: Labels;
  readonly groups: readonly string[];
}

/** A server as it was; the labels of a tool are made once and are one object from then on. */
class PastServer {
  private readonly made = new Map<string, ToolLabels | undefined>();

  constructor(
    readonly row: ServerRow | undefined,
    readonly listing: ServerListingRow | undefined,
  ) {}

  labelsOf(tool: string): ToolLabels | undefined {
    if (!this.made.has(tool)) this.made.set(tool, this.make(tool));
    return this.made.get(tool);
  }

  private make(tool: string): ToolLabels | undefined {
    const listed = this.listing?.tools.find(({ name }) => name === tool);
    if (listed === undefined || this.row === undefined) return undefined;
    const { category = null, risk = null } = this.row.toolLabels.find((labelling) => labelling.tool === tool) ?? {};
    return { category, risk, annotations: hintsOf(annotationsIn(listed.definition)) };
  }
}

/**
 * What identities, grants and tools were at each revision of an organisation's history. Given every event from the first on,
 * in order; what nobody wrote down by then is `undefined`.
 */
export class PastFacts {
  private readonly identities = new Map<string, Since<IdentityRow>[]>();
  private readonly grants = new Map<string, Labels>();
  private readonly servers = new Map<string, Since<PastServer>[]>();

  /** Takes in the next event. */
  apply(event: DomainEvent): void {
    const { object, fact, revision } = event;
    if (fact.type === 'grant.issued') this.grants.set(object.id, fact.data.labels);
    if (object.kind === 'identity') {
      const value = evolveIdentityRow(newest(this.identities, object.id), event);
      if (value !== undefined) add(this.identities, object.id, { revision, value });
    }
    if (object.kind !== 'server') return;
    const before = newest(this.servers, object.id);
    add(this.servers, object.id, { revision, value: new PastServer(evolveServerRow(before?.row, event), evolveListingRow(before?.listing, event)) });
  }

  /** An identity as it was at a revision. */
  identity(id: string, revision: number): PastIdentity | undefined {
    return at(this.identities, id, revision);
  }

  /** A grant's labels, which never change. */
  grantLabels(id: string): Labels | undefined {
    return this.grants.get(id);
  }

  /** A tool's labels as they were at a revision. */
  toolLabels(serverId: string, tool: string, revision: number): ToolLabels | undefined {
    return at(this.servers, serverId, revision)?.labelsOf(tool);
  }
}

function newest<Value>(histories: ReadonlyMap<string, readonly Since<Value>[]>, id: string): Value | undefined {
  return histories.get(id)?.at(-1)?.value;
}

function add<Value>(histories: Map<string, Since<Value>[]>, id: string, since: Since<Value>): void {
  const history = histories.get(id);
  if (history === undefined) histories.set(id, [since]);
  else history.push(since);
}

function at<Value>(histories: ReadonlyMap<string, readonly Since<Value>[]>, id: string, revision: number): Value | undefined {
  return histories.get(id)?.findLast((since) => since.revision <= revision)?.value;
}

function annotationsIn(definition: string): JsonValue | undefined {
  const read = readJson(Buffer.from(definition, 'utf8'));
  return read.ok && isJsonObject(read.value) ? read.value['annotations'] : undefined;
}
