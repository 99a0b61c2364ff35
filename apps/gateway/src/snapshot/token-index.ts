import type { GrantToken } from '@sallyport/domain-events';
import type { GrantId, TokenId } from '@sallyport/kernel';

import type { OrganisationSnapshot } from './organisation-snapshot.js';

/** One credential that was issued for a grant. */
export interface TokenEntry {
  readonly organisation: OrganisationSnapshot;
  readonly grantId: GrantId;
  readonly tokenId: TokenId;
  readonly publicId: string;
  /** The keyed hash, 32 bytes. */
  readonly secretHash: Buffer;
  /** Set when it was replaced: valid until then, Unix milliseconds. `Infinity` for the grant's current token. */
  readonly validUntilMs: number;
}

/** Every grant's tokens on this worker, by the public id inside the token. Ids are random; that two share one is possible and harmless. */
export class TokenIndex {
  private readonly byPublicId = new Map<string, readonly TokenEntry[]>();
  private readonly byGrant = new Map<GrantId, readonly TokenEntry[]>();

  /** The entries with this public id; mostly one or none. */
  find(publicId: string): readonly TokenEntry[] {
    return this.byPublicId.get(publicId) ?? [];
  }

  /**
   * Makes a token the grant's current one. Every token before it is valid until `previousValidUntilMs` at most; those whose
   * overlap was over at `atMs` go.
   */
  put(organisation: OrganisationSnapshot, grantId: GrantId, token: GrantToken, times: { readonly previousValidUntilMs: number; readonly atMs: number }): void {
    const before = this.byGrant.get(grantId) ?? [];
    this.forget(grantId);
    const kept = before
      .map((entry) => ({ ...entry, validUntilMs: Math.min(entry.validUntilMs, times.previousValidUntilMs) }))
      .filter((entry) => entry.validUntilMs > times.atMs);
    const entries = [entryOf(organisation, grantId, token), ...kept];
    this.byGrant.set(grantId, entries);
    for (const entry of entries) this.byPublicId.set(entry.publicId, [...this.find(entry.publicId), entry]);
  }

  /** Drops every token of a grant that has ended. */
  forget(grantId: GrantId): void {
    for (const { publicId } of this.byGrant.get(grantId) ?? []) {
      const rest = this.find(publicId).filter((entry) => entry.grantId !== grantId);
      if (rest.length === 0) this.byPublicId.delete(publicId);
      else this.byPublicId.set(publicId, rest);
    }
    this.byGrant.delete(grantId);
  }

  /** Whether an entry found earlier still counts. */
  isCurrent(entry: TokenEntry): boolean {
    return this.byPublicId.get(entry.publicId)?.includes(entry) === true;
  }
}

function entryOf(organisation: OrganisationSnapshot, grantId: GrantId, token: GrantToken): TokenEntry {
  return {
    organisation,
    grantId,
    tokenId: token.tokenId,
    publicId: token.publicId,
    secretHash: Buffer.from(token.secretHash, 'hex'),
    validUntilMs: Infinity,
  };
}
