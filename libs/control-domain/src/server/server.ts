import type { ListedTool, ProtocolEra, RejectedTool, SealedHeader, Upstream } from '@sallyport/domain-events';
import type { ServerId, Sha256Hex } from '@sallyport/kernel';
import type { ToolCategory, ToolRisk } from '@sallyport/policy-engine';

import type { CommandRefusal } from '../command-refusal.js';

/** How long a call may take, milliseconds. */
export const TIMEOUT_MS = { shortest: 1_000, longest: 3_600_000, standard: 60_000 } as const;

/** What listing an upstream gave: what may be offered, and what may not with the reason. */
export interface ToolListing {
  /** Never empty. */
  readonly eras: readonly ProtocolEra[];
  /** Newest first. */
  readonly protocolVersions: readonly string[];
  /** JSON text. */
  readonly serverInfo: string;
  readonly tools: readonly ListedTool[];
  readonly rejected: readonly RejectedTool[];
}

/** What an administrator says of a tool; `null` where nothing. */
export interface SaidOfTool {
  readonly category: ToolCategory | null;
  readonly risk: ToolRisk | null;
}

/** A server as its events make it. */
export type Server =
  | { readonly status: 'absent' }
  | {
      readonly status: 'active' | 'disabled';
      readonly serverId: ServerId;
      readonly slug: string;
      readonly upstream: Upstream;
      readonly timeoutMs: number;
      /** `null` until its tools were listed for the first time. */
      readonly approved: ToolListing | null;
      /** Tools seen to differ since the approval, with the hash last seen; `''` for a tool that was no longer listed. */
      readonly changed: ReadonlyMap<string, Sha256Hex>;
      /** By the tool's name; only tools that something is said of. */
      readonly labels: ReadonlyMap<string, SaidOfTool>;
    };

/** Who asks for a server: the admin API, or the file of the machine's operator. Only the latter names processes. */
export type ServerSource = 'api' | 'operator-file';

/** What can be asked of a server. `slugTaken` is the caller's look-up among the organisation's servers. */
export type ServerCommand =
  | {
      readonly type: 'register';
      readonly serverId: ServerId;
      readonly slug: string;
      readonly slugTaken: boolean;
      readonly upstream: Upstream;
      readonly timeoutMs: number;
      readonly source: ServerSource;
    }
  | {
      readonly type: 'update';
      /** An absolute URL; `undefined` keeps what is. */
      readonly url: string | undefined;
      readonly setHeaders: readonly SealedHeader[];
      readonly removeHeaders: readonly string[];
      readonly timeoutMs: number | undefined;
    }
  | { readonly type: 'approve-tools'; readonly listing: ToolListing }
  | { readonly type: 'notice-tools'; readonly seen: readonly { readonly name: string; readonly hash: Sha256Hex }[] }
  | {
      readonly type: 'label-tool';
      readonly tool: string;
      /** `undefined` keeps what is, `null` takes it away. */
      readonly category: ToolCategory | null | undefined;
      readonly risk: ToolRisk | null | undefined;
    }
  | { readonly type: 'disable' }
  | { readonly type: 'enable' };

/** Why a server's command can be refused. */
export type ServerRefusalCode =
  | 'server.unknown'
  | 'server.exists'
  | 'server.tool_unknown'
  | 'server.slug_invalid'
  | 'server.slug_taken'
  | 'stdio_from_file_only'
  | 'server.url_invalid'
  | 'server.timeout_invalid'
  | 'server.header_name_invalid'
  | 'server.header_reserved'
  | 'server.header_repeated'
  | 'server.headers_too_many'
  | 'server.header_unknown'
  | 'server.headers_bound_to_origin';

/** One refusal of a server's command. */
export type ServerRefusal = CommandRefusal<ServerRefusalCode>;
