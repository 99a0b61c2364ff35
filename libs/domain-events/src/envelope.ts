import type { EventId, MemberId, OrganisationId, Revision, TokenId } from '@sallyport/kernel';

/** One fact that happened. `type` is `<noun>.<past_tense>`; `version` counts schema revisions of that fact. */
export interface Fact<Type extends string, Version extends number, Data> {
  readonly type: Type;
  readonly version: Version;
  /** Plain data in protobuf's JSON form: strings, numbers, booleans, lists and maps; times are RFC 3339 in UTC. Every field present. */
  readonly data: Readonly<Data>;
}

/** The kinds of object that events are about; with the id they name a stream. */
export const OBJECT_KINDS = ['organisation', 'member', 'token', 'server', 'identity', 'policy', 'grant', 'sink', 'reveal'] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** One object, and so one stream of events: `grant/<id>`. */
export interface ObjectRef {
  readonly kind: ObjectKind;
  readonly id: string;
}

/** Who caused an event. `system` is Sallyport itself: first run, operator's file, expiry. */
export type Actor =
  | { readonly kind: 'member'; readonly memberId: MemberId; readonly tokenId: TokenId }
  | { readonly kind: 'system'; readonly name: string };

/** A fact as the log keeps it. */
export interface RecordedEvent<AnyFact> {
  readonly eventId: EventId;
  readonly organisationId: OrganisationId;
  /** Position in the organisation: 1, 2, 3 without a gap. */
  readonly revision: Revision;
  readonly object: ObjectRef;
  /** Position in the object's own stream: 1, 2, 3 without a gap. */
  readonly objectVersion: number;
  /** RFC 3339 in UTC with milliseconds. */
  readonly occurredAt: string;
  readonly actor: Actor;
  readonly fact: AnyFact;
}
