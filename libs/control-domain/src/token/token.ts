import type { DomainFact, Role } from '@sallyport/domain-events';
import type { MemberId, TokenId } from '@sallyport/kernel';

/** An admin token, as the events make it. */
export type AdminToken =
  | { readonly status: 'absent' }
  | {
      readonly status: 'issued' | 'revoked';
      readonly tokenId: TokenId;
      readonly memberId: MemberId;
      readonly role: Role;
      readonly operator: boolean;
    };

/** None yet. */
export const noToken: AdminToken = { status: 'absent' };

/** What an event of the token's stream makes of it. */
export function evolveToken(token: AdminToken, fact: DomainFact): AdminToken {
  switch (fact.type) {
    case 'token.issued': {
      const { tokenId, memberId, role, operator } = fact.data;
      return { status: 'issued', tokenId, memberId, role, operator };
    }
    case 'token.revoked':
      return token.status === 'absent' ? token : { ...token, status: 'revoked' };
    default:
      return token;
  }
}
