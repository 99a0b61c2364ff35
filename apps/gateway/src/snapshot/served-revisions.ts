import { LEGACY_REVISIONS, MODERN_REVISIONS, PROTOCOL_REVISIONS } from '@sallyport/mcp-protocol';

import type { ServerState } from './organisation-snapshot.js';

const LEGACY: readonly string[] = LEGACY_REVISIONS;
const MODERN: readonly string[] = MODERN_REVISIONS;
const BOTH: readonly string[] = PROTOCOL_REVISIONS;

/**
 * The protocol revisions served at a server's address, newest first: those of the eras its upstream was seen to speak. A client
 * of the other era is told so, and falls back or stops; the eras are not translated. Until a server was listed, all are served.
 */
export function servedRevisions(server: ServerState): readonly string[] {
  const eras = server.approved?.eras;
  if (eras === undefined || eras.length > 1) return BOTH;
  return eras[0] === 'modern' ? MODERN : LEGACY;
}
