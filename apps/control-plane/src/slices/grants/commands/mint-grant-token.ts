import { randomBytes } from 'node:crypto';

import type { GrantToken, IdentityKind } from '@sallyport/domain-events';
import type { EpochMs, TokenId } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';
import { MINT_RANDOM_BYTES, mintToken, type TokenKind } from '@sallyport/tokens';

import { newId } from '../../../platform/new-id.js';

/** The prefix of a grant's token, by its identity's kind. */
const TOKEN_KIND = { agent: 'agt', human: 'usr', service: 'svc' } as const satisfies Record<IdentityKind, TokenKind>;

/** A new token: what the event keeps of it, and the secret that is shown once. */
export function mintGrantToken(kind: IdentityKind, hashes: KeyedHashes, now: EpochMs): { readonly kept: GrantToken; readonly secret: string } {
  const { token, publicId } = mintToken(TOKEN_KIND[kind], randomBytes(MINT_RANDOM_BYTES));
  return { kept: { tokenId: newId<TokenId>(now), publicId, secretHash: hashes.tokenHash(token) }, secret: token };
}
