import type { OrganisationId, Sha256Hex } from '@sallyport/kernel';

/** What a sealed value belongs to. It is authenticated with the value, so a value moved to another place does not open. */
export interface SecretContext {
  readonly organisationId: OrganisationId;
  readonly objectKind: string;
  readonly objectId: string;
  readonly field: string;
}

/** A key of one subject, such as an identity: what is sealed under it dies with it. */
export interface SubjectKey {
  readonly organisationId: OrganisationId;
  /** A UUID: which of the subject's keys it is. Stands in what is sealed under it. */
  readonly keyId: string;
  /** By the organisation's key. */
  readonly wrapped: string;
}

/**
 * Values at rest: each under its own data key, which is wrapped by the organisation's key, which is wrapped by the root key.
 * Sealed values are URL-safe text and may travel in events.
 */
export interface SecretBox {
  /** A new organisation key, wrapped by the root key; kept in `organisation.created`. */
  newOrganisationKey(organisationId: OrganisationId): string;
  /** @throws {Fault} `secrets.cannot_open` when the wrapped key is not this deployment's. */
  seal(context: SecretContext, wrappedKey: string, plain: string): string;
  /** @throws {Fault} `secrets.cannot_open` for another context, another key, or an altered text. */
  open(context: SecretContext, wrappedKey: string, sealed: string): string;
  /** A new key of a subject, wrapped by the organisation's. @throws {Fault} `secrets.cannot_open` when that is not this deployment's. */
  newSubjectKey(organisationId: OrganisationId, keyId: string, wrappedKey: string): SubjectKey;
  /**
   * Hands a value that `seal` sealed over to a subject: from then on nothing but the subject's key opens it. The value itself stays sealed.
   *
   * @throws {Fault} as `open`.
   */
  handOver(context: SecretContext, keys: { readonly wrappedKey: string; readonly subject: SubjectKey }, sealed: string): string;
  /** The id of the subject's key that opens a value; `undefined` for one that was never handed over. Total. */
  subjectKeyOf(sealed: string): string | undefined;
  /** Opens what was handed over. @throws {Fault} as `open`. */
  openOfSubject(context: SecretContext, keys: { readonly wrappedKey: string; readonly subject: SubjectKey }, sealed: string): string;
}

/** Keyed hashes that only holders of the root key can compute. */
export interface KeyedHashes {
  /** HMAC-SHA256 of a whole token under the deployment's pepper. */
  tokenHash(token: string): Sha256Hex;
  /** HMAC-SHA256 of canonical text under the organisation's digest salt; what the audit record keeps of arguments. */
  digest(organisationId: OrganisationId, canonicalText: string): Sha256Hex;
}
