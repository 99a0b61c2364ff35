import type { Actor, Role } from '@sallyport/domain-events';
import type { EpochMs, MemberId, OrganisationId, TokenId } from '@sallyport/kernel';

/** Whom a request stands for, once its token was accepted. */
export interface Caller {
  /** The organisation the request acts in. */
  readonly organisationId: OrganisationId;
  /** The member's own organisation; another one only for an operator. */
  readonly homeOrganisationId: OrganisationId;
  readonly memberId: MemberId;
  readonly tokenId: TokenId;
  /** What the request may do in the organisation it acts in: never more than token and member both allow. */
  readonly role: Role;
  /** Whether it may create organisations and act as admin in every one. */
  readonly operator: boolean;
  readonly tokenExpiresAt: EpochMs;
}

/** The caller as the actor of an event. */
export function actorOf(caller: Caller): Actor {
  return { kind: 'member', memberId: caller.memberId, tokenId: caller.tokenId };
}

/** What a request brought along to show whom it stands for. */
export interface Credentials {
  /** The one `Authorization` header's value. */
  readonly authorization: string;
  /** The header `Sallyport-Organisation`: slug or id. */
  readonly organisation: string | undefined;
  /** The address that it came from, where it is known. */
  readonly source: string | null;
}
