import { decideToken, evolveToken, noToken } from '@sallyport/control-domain';
import type { MemberId, TokenId } from '@sallyport/kernel';
import { IsNull } from 'typeorm';

import type { CommandSession } from '../../../platform/commands/command-session.js';
import { AdminTokenRow } from '../read/admin-token-row.entity.js';

/** Revokes every token of a member that goes, inside the command that removes the member. */
export async function revokeTokensOf(session: CommandSession, memberId: MemberId): Promise<void> {
  const { organisationId, rows } = session;
  const tokens = await rows.find(AdminTokenRow, { where: { organisationId, memberId, revokedAt: IsNull() }, order: { revision: 'ASC', tokenId: 'ASC' } });
  for (const { tokenId } of tokens) await revokeToken(session, tokenId, 'member removed');
}

/** Decides and notes the revocation of one token; answers the decider's refusal. */
export async function revokeToken(session: CommandSession, tokenId: TokenId, reason: string) {
  const object = { kind: 'token', id: tokenId } as const;
  const { state, version } = await session.load(object, { initial: noToken, evolve: evolveToken });
  const decided = decideToken({ type: 'revoke', reason }, state);
  if (decided.ok) session.append(object, version, decided.value);
  return decided;
}
