import type { EpochMs, MemberId, OrganisationId, TokenId } from '@sallyport/kernel';
import { LRUCache } from 'lru-cache';

/** Why a request's token was not taken: no token that can be read, one of nobody, one that has ended, or an organisation that it does not reach. */
export type SignInReason = 'malformed' | 'unknown' | 'revoked' | 'removed' | 'expired' | 'forbidden';

/** Whose token it is. */
export interface TokenOwner {
  readonly organisationId: OrganisationId;
  readonly memberId: MemberId;
  readonly memberName: string;
  readonly tokenId: TokenId;
  readonly roles: readonly string[];
}

/** A token that was taken from a source for the first time in an hour of this process. */
export interface AcceptedSignIn {
  readonly owner: TokenOwner;
  readonly source: string | null;
  readonly at: EpochMs;
}

/** Refused requests of one source, for one reason and where it is known one token, since the last look. */
export interface RefusedSignIns {
  readonly reason: SignInReason;
  /** `null` for a token that nobody has. */
  readonly owner: TokenOwner | null;
  /** `null`: of sources too many to be kept apart, or not known. */
  readonly source: string | null;
  readonly count: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

/** Tokens and sources remembered as told in this hour; one that was forgotten is told once more. */
const REMEMBERED = 10_000;
/** Sign-ins that wait to be told, and refusals told apart between two looks. Beyond, refusals count together by reason. */
const MOST_WAITING = 10_000;
const MOST_KEPT_APART = 1_000;
const HOUR_MS = 3_600_000;

/**
 * Counts sign-ins on their way, for whoever tells them later: nothing here waits. A storm of sources takes a bounded room: after so many,
 * refusals of further ones are counted together.
 */
export class SignInCounts {
  private readonly hours = new LRUCache<string, number>({ max: REMEMBERED });
  private accepted: AcceptedSignIn[] = [];
  private refused = new Map<string, RefusedSignIns>();
  private others = new Map<string, RefusedSignIns>();

  /** A request's token was taken. */
  noteAccepted(owner: TokenOwner, source: string | null, at: EpochMs): void {
    const hour = Math.floor(at / HOUR_MS);
    const key = `${owner.tokenId} ${source ?? ''}`;
    if (this.hours.get(key) === hour || this.accepted.length >= MOST_WAITING) return;
    this.hours.set(key, hour);
    this.accepted.push({ owner, source, at });
  }

  /** A request was refused. */
  noteRefused(reason: SignInReason, owner: TokenOwner | null, { source, at }: { readonly source: string | null; readonly at: EpochMs }): void {
    const key = `${source ?? ''} ${reason} ${owner?.tokenId ?? ''}`;
    const isKeptApart = this.refused.has(key) || this.refused.size < MOST_KEPT_APART;
    const [into, name] = isKeptApart ? [this.refused, key] : [this.others, reason];
    const first = isKeptApart ? { reason, owner, source } : { reason, owner: null, source: null };
    const before = into.get(name);
    into.set(name, { ...first, count: (before?.count ?? 0) + 1, firstAt: before?.firstAt ?? at, lastAt: at });
  }

  /** What was taken since the last look. */
  takeAccepted(): readonly AcceptedSignIn[] {
    const taken = this.accepted;
    this.accepted = [];
    return taken;
  }

  /** What was refused since the last look. */
  takeRefused(): readonly RefusedSignIns[] {
    const taken = [...this.refused.values(), ...this.others.values()];
    this.refused = new Map();
    this.others = new Map();
    return taken;
  }
}
