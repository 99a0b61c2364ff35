import type { ServerId, Sha256Hex } from '@sallyport/kernel';
import type { ToolCategory, ToolRisk } from '@sallyport/policy-engine';

import type { Fact } from './envelope.js';

/** A header sent to the upstream; `sealedValue` is the secret box's text, opened only by a worker at the moment of use. */
export interface SealedHeader {
  readonly name: string;
  readonly sealedValue: string;
}

/** Where an upstream is: an HTTP endpoint, or a process that the operator's file names by the server's slug. */
export type Upstream =
  | { readonly kind: 'http'; readonly url: string; readonly headers: readonly SealedHeader[] }
  | { readonly kind: 'stdio' };

/** The wire eras an upstream speaks: `legacy` up to 2025-11-25 with sessions, `modern` from 2026-07-28. */
export type ProtocolEra = 'legacy' | 'modern';

/** One tool as listed: `definition` is the tool object's JSON text, `hash` SHA-256 of its RFC 8785 form. */
export interface ListedTool {
  readonly name: string;
  readonly definition: string;
  readonly hash: Sha256Hex;
}

/** A tool that was listed but cannot be offered, with the reason a person can act on. */
export interface RejectedTool {
  readonly name: string;
  readonly reason: string;
}

/** A server exists under its slug. `timeoutMs` bounds one call. */
export type ServerRegistered = Fact<'server.registered', 1, { serverId: ServerId; slug: string; upstream: Upstream; timeoutMs: number }>;
export type ServerUpdated = Fact<'server.updated', 1, { serverId: ServerId; upstream: Upstream; timeoutMs: number }>;
export type ServerDisabled = Fact<'server.disabled', 1, { serverId: ServerId }>;
export type ServerEnabled = Fact<'server.enabled', 1, { serverId: ServerId }>;

/** A person listed the server's tools, which approves what was listed. Replaces the whole list. */
export type ServerToolsApproved = Fact<
  'server.tools_approved',
  1,
  {
    serverId: ServerId;
    /** Eras the upstream was seen to speak; never empty. */
    eras: readonly ProtocolEra[];
    /** Protocol revisions it offered, newest first. */
    protocolVersions: readonly string[];
    /** JSON text of the upstream's `serverInfo`. */
    serverInfo: string;
    tools: readonly ListedTool[];
    rejected: readonly RejectedTool[];
  }
>;

/**
 * A difference from the approved list was noticed; the named tools are quarantined until a person refreshes.
 * `hash` is the definition's as seen, `''` for a tool that is no longer listed.
 */
export type ServerToolsChanged = Fact<'server.tools_changed', 1, { serverId: ServerId; tools: readonly { name: string; hash: Sha256Hex }[] }>;

/** What an administrator says of a tool; replaces what was said of it before. `null` says nothing. Kept through a refresh, by the tool's name. */
export type ServerToolLabelled = Fact<'server.tool_labelled', 1, { serverId: ServerId; tool: string; category: ToolCategory | null; risk: ToolRisk | null }>;

/** Facts about upstream servers and their tools. */
export type ServerEvent =
  | ServerRegistered
  | ServerUpdated
  | ServerDisabled
  | ServerEnabled
  | ServerToolsApproved
  | ServerToolsChanged
  | ServerToolLabelled;
