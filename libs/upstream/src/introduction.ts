import type { ProtocolEra } from '@sallyport/domain-events';
import { isJsonObject, type JsonObject } from '@sallyport/kernel';
import { eraOf, LEGACY_REVISIONS, META_KEYS, MODERN_REVISIONS } from '@sallyport/mcp-protocol';

import { spanAt } from './json-span.js';

/** How a server introduced itself: the answer to `server/discover` (modern) or `initialize` (legacy). */
export interface Introduction {
  readonly era: ProtocolEra;
  /** Revisions it speaks, newest first; in the legacy era the one that was agreed. */
  readonly protocolVersions: readonly string[];
  /** The `result` of that answer, its JSON text untouched. */
  readonly result: string;
}

/** How we introduce ourselves to servers. */
export const CLIENT_INFO = { name: 'sallyport', version: '0.1.0' } as const;

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

/** The introduction in a discover's answer; undefined unless it offers a modern revision that we speak. */
export function modernIntroduction(value: JsonObject, bytes: Buffer): Introduction | undefined {
  const result = value['result'];
  const supported = isJsonObject(result) ? result['supportedVersions'] : undefined;
  if (!Array.isArray(supported)) return undefined;
  const versions: readonly unknown[] = supported;
  const protocolVersions = versions.filter((version): version is string => typeof version === 'string').sort().reverse();
  if (!protocolVersions.some((version) => eraOf(version) === 'modern')) return undefined;
  return introduction('modern', protocolVersions, bytes);
}

/** The introduction in an initialize's answer; undefined unless it agrees to a legacy revision that we speak. */
export function legacyIntroduction(value: JsonObject, bytes: Buffer): Introduction | undefined {
  const result = value['result'];
  const version = isJsonObject(result) ? result['protocolVersion'] : undefined;
  if (typeof version !== 'string' || eraOf(version) !== 'legacy') return undefined;
  return introduction('legacy', [version], bytes);
}

function introduction(era: ProtocolEra, protocolVersions: readonly string[], bytes: Buffer): Introduction | undefined {
  const span = spanAt(bytes, ['result']);
  return span === undefined ? undefined : { era, protocolVersions, result: bytes.toString('utf8', span.start, span.end) };
}

function message(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
