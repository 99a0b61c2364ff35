import { createPublicKey, verify } from 'node:crypto';

import { ChainVerifier, LineSplitter, parseVerifierKey, type ChainReport, type VerifierKey } from '@sallyport/audit-chain';
import { branded, type OrganisationId } from '@sallyport/kernel';

import { sha256 } from '../slices/audit/store/sha256.js';
import type { TestControlPlane } from './a-control-plane.js';

/** The first organisation of a control plane. */
export async function homeOf(world: TestControlPlane): Promise<OrganisationId> {
  const { data } = await world.ask('{ organisation { id } }');
  return branded<OrganisationId>((data?.['organisation'] as { id: string }).id);
}

/** An answer of the export, whole. */
export async function exported(world: TestControlPlane, query = '', token: string | null = world.operatorToken): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${world.url}/audit/export${query}`, token === null ? {} : { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, text: await response.text() };
}

/** The keys that a verifier is given. */
export async function keysOf(world: TestControlPlane): Promise<readonly VerifierKey[]> {
  const { data } = await world.ask('{ auditKeys }');
  return (data?.['auditKeys'] as string[]).map((text) => {
    const key = parseVerifierKey(text, sha256);
    if (!key.ok) throw new Error(key.refusal);
    return key.value;
  });
}

/** What the verifier says of an export. */
export function verified(text: string, keys: readonly VerifierKey[]): ChainReport {
  const verifier = new ChainVerifier({ keys, sha256, verify: verifySignature });
  const splitter = new LineSplitter();
  for (const line of [...splitter.push(Buffer.from(text)), ...splitter.end()]) verifier.line(line);
  return verifier.finish();
}

/** Ed25519 by Node. */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') }, format: 'jwk' });
  return verify(null, message, key, signature);
}
