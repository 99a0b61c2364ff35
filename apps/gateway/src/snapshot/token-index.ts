import type { GrantId, TokenId } from '@sallyport/kernel';
import type { GrantState, GrantTokenState } from '@sallyport/organisation-state';

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

  /** Makes a grant's tokens what they are now, in place of those before; none for a grant that has ended. An entry that says the same stays. */
  put(organisation: OrganisationSnapshot, grantId: GrantId, grant: GrantState | undefined): void {
    const before = this.byGrant.get(grantId) ?? [];
    this.forget(grantId);
    if (grant === undefined) return;
    const made = grant.tokens.map((token) => entryOf(organisation, grantId, token));
    const entries = made.map((entry) => before.find((known) => saysTheSame(known, entry)) ?? entry);
    this.byGrant.set(grantId, entries);
    for (const entry of entries) this.byPublicId.set(entry.publicId, [...this.find(entry.publicId), entry]);
  }

  /** Whether an entry found earlier still counts. */
  isCurrent(entry: TokenEntry): boolean {
    return this.byPublicId.get(entry.publicId)?.includes(entry) === true;
  }

  /** What an entry found earlier has become: other times of the same token; `undefined` when the token is no longer its grant's. */
  renewed(entry: TokenEntry): TokenEntry | undefined {
    if (this.isCurrent(entry)) return entry;
    return this.byGrant.get(entry.grantId)?.find(({ tokenId }) => tokenId === entry.tokenId);
  }

  private forget(grantId: GrantId): void {
    for (const { publicId } of this.byGrant.get(grantId) ?? []) {
      const rest = this.find(publicId).filter((entry) => entry.grantId !== grantId);
      if (rest.length === 0) this.byPublicId.delete(publicId);
      else this.byPublicId.set(publicId, rest);
    }
    this.byGrant.delete(grantId);
  }
}

function saysTheSame(one: TokenEntry, other: TokenEntry): boolean {
  return one.tokenId === other.tokenId && one.publicId === other.publicId && one.validUntilMs === other.validUntilMs && one.secretHash.equals(other.secretHash);
}

function entryOf(organisation: OrganisationSnapshot, grantId: GrantId, token: GrantTokenState): TokenEntry {
  const { tokenId, publicId, secretHash, validUntilMs } = token;
  return { organisation, grantId, tokenId, publicId, secretHash: Buffer.from(secretHash, 'hex'), validUntilMs: validUntilMs ?? Infinity };
}
