import type { ProtocolEra } from '@sallyport/domain-events';
import { isJsonObject, type JsonObject } from '@sallyport/kernel';
import { eraOf, LEGACY_REVISIONS, META_KEYS, MODERN_REVISIONS } from '@sallyport/mcp-protocol';

import { spanAt } from './json-span.js';
import type { StdioIntroduction } from './stdio-call.js';

/** How we introduce ourselves to servers. */
export const CLIENT_INFO = { name: 'sallyport', version: '0.1.0' } as const;

/** Which era a process is asked for; `probe` asks for the modern one and falls back. */
export type WantedEra = ProtocolEra | 'probe';

/** Ids of the two opening requests; the requests that follow count on from `FIRST_REQUEST_ID`. */
export const DISCOVER_ID = 1;
export const INITIALIZE_ID = 2;
export const FIRST_REQUEST_ID = 3;

/** What to do next in the opening exchange. */
export type HandshakeStep =
  | { readonly next: 'wait' }
  | { readonly next: 'initialize' }
  | { readonly next: 'done'; readonly introduction: StdioIntroduction }
  | { readonly next: 'give_up' };

/** `server/discover` as one line. */
export function discoverMessage(id: number): Buffer {
  const meta = {
    [META_KEYS.protocolVersion]: MODERN_REVISIONS[0],
    [META_KEYS.clientInfo]: CLIENT_INFO,
    [META_KEYS.clientCapabilities]: {},
  };
  return message({ jsonrpc: '2.0', id, method: 'server/discover', params: { _meta: meta } });
}

/** `initialize` as one line; we claim no client capability, so no server request is owed to anyone. */
export function initializeMessage(id: number): Buffer {
  const params = { protocolVersion: LEGACY_REVISIONS[0], capabilities: {}, clientInfo: CLIENT_INFO };
  return message({ jsonrpc: '2.0', id, method: 'initialize', params });
}

/** What completes the legacy opening. */
export const INITIALIZED = message({ jsonrpc: '2.0', method: 'notifications/initialized' });

/**
 * The opening exchange with one stdio server. Discover first; any answer but a modern success, or silence, leads to `initialize`; the first
 * success wins, also when a slow server answers the discover after all.
 *
 * @see MCP 2026-07-28, "stdio": probe, and fall back on any non-modern error or silence.
 */
export class StdioHandshake {
  private open: Set<number>;

  constructor(private readonly wanted: WantedEra) {
    this.open = new Set(wanted === 'legacy' ? [INITIALIZE_ID] : [DISCOVER_ID]);
  }

  /** The request to begin with. */
  first(): Buffer {
    return this.wanted === 'legacy' ? initializeMessage(INITIALIZE_ID) : discoverMessage(DISCOVER_ID);
  }

  /** Takes a response with one of the two ids. */
  answer(value: JsonObject, bytes: Buffer): HandshakeStep {
    const id = value['id'];
    if (typeof id !== 'number' || !this.open.delete(id)) return { next: 'wait' };
    const introduction = id === DISCOVER_ID ? modernIntroduction(value, bytes) : legacyIntroduction(value, bytes);
    if (introduction !== undefined) return { next: 'done', introduction };
    return id === DISCOVER_ID ? this.fallBack() : this.settle();
  }

  /** The discover was met with silence. */
  silence(): HandshakeStep {
    return this.wanted === 'probe' && this.open.size === 1 && this.open.has(DISCOVER_ID) ? this.initialize() : { next: 'wait' };
  }

  private fallBack(): HandshakeStep {
    return this.wanted === 'probe' && !this.open.has(INITIALIZE_ID) ? this.initialize() : this.settle();
  }

  private initialize(): HandshakeStep {
    this.open.add(INITIALIZE_ID);
    return { next: 'initialize' };
  }

  private settle(): HandshakeStep {
    return this.open.size === 0 ? { next: 'give_up' } : { next: 'wait' };
  }
}

/** The introduction in a discover's answer; undefined unless it offers a modern revision that we speak. */
export function modernIntroduction(value: JsonObject, bytes: Buffer): StdioIntroduction | undefined {
  const result = value['result'];
  const supported = isJsonObject(result) ? result['supportedVersions'] : undefined;
  if (!Array.isArray(supported)) return undefined;
  const versions: readonly unknown[] = supported;
  const protocolVersions = versions.filter((version): version is string => typeof version === 'string').sort().reverse();
  if (!protocolVersions.some((version) => eraOf(version) === 'modern')) return undefined;
  return introduction('modern', protocolVersions, bytes);
}

/** The introduction in an initialize's answer; undefined unless it agrees to a legacy revision that we speak. */
export function legacyIntroduction(value: JsonObject, bytes: Buffer): StdioIntroduction | undefined {
  const result = value['result'];
  const version = isJsonObject(result) ? result['protocolVersion'] : undefined;
  if (typeof version !== 'string' || eraOf(version) !== 'legacy') return undefined;
  return introduction('legacy', [version], bytes);
}

function introduction(era: ProtocolEra, protocolVersions: readonly string[], bytes: Buffer): StdioIntroduction | undefined {
  const span = spanAt(bytes, ['result']);
  return span === undefined ? undefined : { era, protocolVersions, result: bytes.toString('utf8', span.start, span.end) };
}

function message(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
