import type { OrganisationId, Sha256Hex } from '@sallyport/kernel';

/** What a sealed value belongs to. It is authenticated with the value, so a value moved to another place does not open. */
export interface SecretContext {
  readonly organisationId: OrganisationId;
  readonly objectKind: string;
  readonly objectId: string;
  readonly field: string;
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
}

/** Keyed hashes that only holders of the root key can compute. */
export interface KeyedHashes {
  /** HMAC-SHA256 of a whole token under the deployment's pepper. */
  tokenHash(token: string): Sha256Hex;
  /** HMAC-SHA256 of canonical text under the organisation's digest salt; what the audit record keeps of arguments. */
  digest(organisationId: OrganisationId, canonicalText: string): Sha256Hex;
}
