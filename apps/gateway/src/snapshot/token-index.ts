import type { GrantId, TokenId } from '@sallyport/kernel';
import type { GrantState, GrantTokenState } from '@sallyport/organisation-state';
import { LRUCache } from 'lru-cache';

import type { OrganisationSnapshot } from './organisation-snapshot.js';

/** One credential that was issued for a grant. Small, because a worker holds every grant's. */
export class TokenEntry {
  constructor(
    readonly organisation: OrganisationSnapshot,
    readonly grantId: GrantId,
    private readonly token: GrantTokenState,
  ) {}

  get tokenId(): TokenId {
    return this.token.tokenId;
  }

  get publicId(): string {
    return this.token.publicId;
  }

  /** The keyed hash, 32 bytes. */
  get secretHash(): Buffer {
    return Buffer.from(this.token.secretHash, 'hex');
  }

  /** Set when it was replaced: valid until then, Unix milliseconds. `Infinity` for the grant's current token. */
  get validUntilMs(): number {
    return this.token.validUntilMs ?? Infinity;
  }

  /** Whether another entry says the same of the same token. */
  equals(other: TokenEntry): boolean {
    return this.tokenId === other.tokenId && this.publicId === other.publicId && this.token.secretHash === other.token.secretHash && this.validUntilMs === other.validUntilMs;
  }
}

/** Mostly one. */
type Entries = TokenEntry | readonly TokenEntry[];

const NONE: readonly TokenEntry[] = [];
/** Tokens that ended while this worker ran and are still known by whose they were; so that it can be told who still uses one. */
const REMEMBERED_ENDED = 10_000;

/** Every grant's tokens on this worker, by the public id inside the token. Ids are random; that two share one is possible and harmless. */
export class TokenIndex {
  private readonly byPublicId = new Map<string, Entries>();
  private readonly byGrant = new Map<GrantId, Entries>();
  private readonly ended = new LRUCache<string, TokenEntry>({ max: REMEMBERED_ENDED });

  /** The entries with this public id; mostly one or none. */
  find(publicId: string): readonly TokenEntry[] {
    return listOf(this.byPublicId.get(publicId));
  }

  /** A token that ended lately: it lets nobody in. */
  findEnded(publicId: string): TokenEntry | undefined {
    return this.ended.get(publicId);
  }

  /** Makes a grant's tokens what they are now, in place of those before; none for a grant that has ended. An entry that says the same stays. */
  put(organisation: OrganisationSnapshot, grantId: GrantId, grant: GrantState | undefined): void {
    const before = listOf(this.byGrant.get(grantId));
    for (const entry of before) this.take(entry);
    this.byGrant.delete(grantId);
    const stays = new Set(grant?.tokens.map(({ publicId }) => publicId));
    for (const entry of before) if (!stays.has(entry.publicId)) this.ended.set(entry.publicId, entry);
    if (grant === undefined) return;
    const made = grant.tokens.map((token) => new TokenEntry(organisation, grantId, token));
    const entries = made.map((entry) => before.find((known) => known.equals(entry)) ?? entry);
    this.byGrant.set(grantId, packed(entries));
    for (const entry of entries) this.byPublicId.set(entry.publicId, packed([...this.find(entry.publicId), entry]));
  }

  /** Whether an entry found earlier still counts. */
  isCurrent(entry: TokenEntry): boolean {
    const found = this.byPublicId.get(entry.publicId);
    return found === entry || (Array.isArray(found) && found.includes(entry));
  }

  /** What an entry found earlier has become: other times of the same token; `undefined` when the token is no longer its grant's. */
  renewed(entry: TokenEntry): TokenEntry | undefined {
    if (this.isCurrent(entry)) return entry;
    return listOf(this.byGrant.get(entry.grantId)).find(({ tokenId }) => tokenId === entry.tokenId);
  }

  private take(entry: TokenEntry): void {
    const rest = this.find(entry.publicId).filter((other) => other !== entry);
    if (rest.length === 0) this.byPublicId.delete(entry.publicId);
    else this.byPublicId.set(entry.publicId, packed(rest));
  }
}

function listOf(entries: Entries | undefined): readonly TokenEntry[] {
  if (entries === undefined) return NONE;
  return entries instanceof TokenEntry ? [entries] : entries;
}

function packed(entries: readonly TokenEntry[]): Entries {
  const [only] = entries;
  return only !== undefined && entries.length === 1 ? only : entries;
}
