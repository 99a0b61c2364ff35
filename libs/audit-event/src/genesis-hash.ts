import { AUDIT_SCHEMA } from './audit-event.js';
import { hexOf, type Sha256 } from './sha256.js';

/**
 * What the first event of a stream has as `prev_hash`: SHA-256 of three lines, `sallyport.audit/1 genesis`, the stream (an organisation's
 * id, or `_deployment`) and the id of the key that the stream starts with, each ended by a line feed. 64 hexadecimal digits.
 */
export function genesisHash(stream: string, keyId: string, sha256: Sha256): string {
  return hexOf(sha256(new TextEncoder().encode(`${AUDIT_SCHEMA} genesis\n${stream}\n${keyId}\n`)));
}
