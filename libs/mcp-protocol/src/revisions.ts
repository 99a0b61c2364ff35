import type { ProtocolEra } from '@sallyport/domain-events';

/** Revisions with `initialize` and sessions, newest first. 2024-11-05 is the HTTP+SSE one, still spoken by old stdio servers. */
export const LEGACY_REVISIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** Stateless revisions with per-request `_meta`, newest first. */
export const MODERN_REVISIONS = ['2026-07-28'] as const;

/** Every revision this gateway serves, newest first. */
export const PROTOCOL_REVISIONS = [...MODERN_REVISIONS, ...LEGACY_REVISIONS] as const;
export type ProtocolRevision = (typeof PROTOCOL_REVISIONS)[number];

/** What a legacy server assumes when the version header is missing (2025-06-18, "Protocol Version Header"). */
export const ASSUMED_REVISION: ProtocolRevision = '2025-03-26';

const ERAS: ReadonlyMap<string, ProtocolEra> = new Map<string, ProtocolEra>([
  ...LEGACY_REVISIONS.map((revision) => [revision, 'legacy'] as const),
  ...MODERN_REVISIONS.map((revision) => [revision, 'modern'] as const),
]);

/** The era of a revision we know, else `undefined`. */
export function eraOf(revision: string): ProtocolEra | undefined {
  return ERAS.get(revision);
}

/** Keys of `params._meta` and of result `_meta` that the specification owns. */
export const META_KEYS = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  progressToken: 'progressToken',
} as const;
