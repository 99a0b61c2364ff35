import type { ListedTool, ProtocolEra, Upstream } from '@sallyport/domain-events';
import type { ServerId } from '@sallyport/kernel';
import type { HeaderParam } from '@sallyport/mcp-protocol';
import type { ServerState as ServerData } from '@sallyport/organisation-state';

import { mirroredParams } from './mirrored-params.js';

/** What a person approved of a server's tools, ready to be looked up. */
export interface ApprovedTools {
  /** Never empty. */
  readonly eras: readonly ProtocolEra[];
  /** Protocol revisions the upstream offered, newest first. */
  readonly protocolVersions: readonly string[];
  /** In the upstream's order; of two tools with one name the first counts. */
  readonly list: readonly ListedTool[];
  readonly byName: ReadonlyMap<string, ListedTool>;
  /** Which arguments a tool wants mirrored in headers (`x-mcp-header`); tools that want none have no entry. */
  readonly mirrored: ReadonlyMap<string, readonly HeaderParam[]>;
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** One server, as calls need it. Never changed: an event makes a new one. What is looked up is made at the first use. */
export class ServerState {
  readonly serverId: ServerId;
  readonly slug: string;
  readonly upstream: Upstream;
  readonly timeoutMs: number;
  readonly disabled: boolean;
  /** Names whose definition was seen to differ from the approved one. */
  readonly quarantined: ReadonlySet<string>;
  private ready: ApprovedTools | null | undefined;

  constructor(private readonly data: ServerData) {
    this.serverId = data.serverId;
    this.slug = data.slug;
    this.upstream = data.upstream;
    this.timeoutMs = data.timeoutMs;
    this.disabled = data.disabled;
    this.quarantined = data.quarantined.length === 0 ? NO_NAMES : new Set(data.quarantined);
    this.ready = data.approved === null ? null : undefined;
  }

  /** `null` until its tools were listed for the first time. */
  get approved(): ApprovedTools | null {
    return this.ready === undefined ? (this.ready = readyTools(this.data)) : this.ready;
  }
}

function readyTools({ approved }: ServerData): ApprovedTools | null {
  if (approved === null) return null;
  const byName = new Map<string, ListedTool>();
  for (const tool of approved.tools) if (!byName.has(tool.name)) byName.set(tool.name, tool);
  return { eras: approved.eras, protocolVersions: approved.protocolVersions, list: [...byName.values()], byName, mirrored: mirroredParams(byName.values()) };
}
