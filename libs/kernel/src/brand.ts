declare const brand: unique symbol;

/** A primitive that may not be mixed with others of the same shape. Made by a parser or by `as<Name>` below, nowhere else. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Opaque identifiers. Each is a lower-case UUIDv7 string, made by the application, never by a database. */
export type OrganisationId = Brand<string, 'OrganisationId'>;
export type MemberId = Brand<string, 'MemberId'>;
export type ServerId = Brand<string, 'ServerId'>;
export type IdentityId = Brand<string, 'IdentityId'>;
export type PolicyId = Brand<string, 'PolicyId'>;
export type GrantId = Brand<string, 'GrantId'>;
export type SinkId = Brand<string, 'SinkId'>;
export type RevealId = Brand<string, 'RevealId'>;
export type TokenId = Brand<string, 'TokenId'>;
export type DecisionId = Brand<string, 'DecisionId'>;
export type EventId = Brand<string, 'EventId'>;

/** An organisation's position in the event log: 0 before its first event, then 1, 2, 3 without a gap. */
export type Revision = Brand<number, 'Revision'>;

/** Unix time in milliseconds; may carry a fraction where the source has one. */
export type EpochMs = Brand<number, 'EpochMs'>;

/** 64 lower-case hexadecimal digits. */
export type Sha256Hex = Brand<string, 'Sha256Hex'>;

/** Brands a value whose form was checked, or comes from a trusted source such as our own event log. */
export function branded<Branded extends Brand<string, string> | Brand<number, string>>(
  value: Branded extends string ? string : number,
): Branded {
  return value as unknown as Branded;
}
