import { randomBytes } from 'node:crypto';

import { decideToken, evolveToken, noToken } from '@sallyport/control-domain';
import type { Role } from '@sallyport/domain-events';
import { ok, refuse, type EpochMs, type JsonObject, type Result, type TokenId } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';
import { MINT_RANDOM_BYTES, mintToken } from '@sallyport/tokens';

import type { Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import { refusalOf, type Refusal } from '../../../platform/commands/refusal.js';
import { newId } from '../../../platform/new-id.js';
import type { MemberRow } from '../../members/read/member-row.entity.js';
import { tokenRefusals } from '../token-refusals.js';

/** Ids of a token. */
export type TokenIds = JsonObject & { readonly tokenId: TokenId };

/** What a token is made from. */
export interface TokenWish {
  readonly member: Pick<MemberRow, 'memberId' | 'role'>;
  readonly role: Role;
  /** Bounds the role. */
  readonly issuerRole: Role;
  readonly operator: boolean;
  readonly label: string;
  readonly expiresAt: EpochMs;
}

/** Mints a token inside a command; its hash goes into the event, its secret into the answer. */
export async function issueToken(session: CommandSession, hashes: KeyedHashes, wish: TokenWish): Promise<Result<Done<TokenIds>, Refusal>> {
  const { token, publicId } = mintToken('usr', randomBytes(MINT_RANDOM_BYTES));
  const tokenId = newId<TokenId>(session.now);
  const object = { kind: 'token', id: tokenId } as const;
  const { state, version } = await session.load(object, { initial: noToken, evolve: evolveToken });
  const { member, role, operator, label } = wish;
  const issued = decideToken(
    {
      type: 'issue',
      token: {
        tokenId, memberId: member.memberId, role, operator, publicId, secretHash: hashes.tokenHash(token), label,
        expiresAt: new Date(wish.expiresAt).toISOString(),
      },
      issuerRole: wish.issuerRole,
      memberRole: member.role,
      now: session.now,
    },
    state,
  );
  if (!issued.ok) return refuse(refusalOf(tokenRefusals, issued.refusal));
  session.append(object, version, issued.value);
  return ok({ ids: { tokenId }, secret: token });
}
