import { hash, timingSafeEqual } from 'node:crypto';

import type { SignInRefusal } from '@sallyport/audit';
import type { EpochMs } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';
import { parseToken } from '@sallyport/tokens';
import { LRUCache } from 'lru-cache';

import { isExpired, type GrantBinding, type GrantBindings } from '../snapshot/grant-binding.js';
import type { TokenEntry, TokenIndex } from '../snapshot/token-index.js';

/** Why a request carries no usable credential. For metrics and logs; the caller is told no more than its answer's status says. */
export type CredentialRefusal = SignInRefusal;

/** Verified tokens that are remembered by their digest; at 2.6 µs for the keyed hash against 0.3 µs for the digest. */
const REMEMBERED_TOKENS = 10_000;

const SCHEME = /^Bearer +(\S+)$/i;

/** Finds out whose credential a request carries. A token is accepted by its keyed hash, compared in constant time; nothing else identifies. */
export class CredentialCheck {
  private readonly verified = new LRUCache<string, TokenEntry>({ max: REMEMBERED_TOKENS });

  constructor(
    private readonly tokens: TokenIndex,
    private readonly bindings: GrantBindings,
    private readonly hashes: KeyedHashes,
  ) {}

  /**
   * @param authorization the one header of that name; that there is only one was checked where the headers were read.
   * @param slug the server that the path names; `undefined` for a path without one.
   */
  identify(authorization: string | null, slug: string | undefined, now: EpochMs): GrantBinding | CredentialRefusal {
    if (authorization === null) return 'missing';
    const entry = this.entryOf(authorization);
    if (typeof entry === 'string') return entry;
    const binding = this.bindings.of(entry);
    if (binding === undefined) return 'ended';
    if (isExpired(entry, binding.grant, now)) return 'expired';
    return binding.server.slug === slug ? binding : 'other_server';
  }

  /** Whose credential it is that was refused, or was until it ended lately; `undefined` where it is nobody's. */
  ownerOf(authorization: string | null): TokenEntry | undefined {
    const entry = authorization === null ? 'missing' : this.entryOf(authorization);
    if (typeof entry !== 'string') return entry;
    return entry === 'unknown' ? this.endedOwner(SCHEME.exec(authorization ?? '')?.[1] ?? '') : undefined;
  }

  private endedOwner(token: string): TokenEntry | undefined {
    const ended = this.tokens.findEnded(parseToken(token)?.publicId ?? '');
    if (ended === undefined) return undefined;
    return timingSafeEqual(ended.secretHash, Buffer.from(this.hashes.tokenHash(token), 'hex')) ? ended : undefined;
  }

  private entryOf(header: string): TokenEntry | CredentialRefusal {
    const digest = hash('sha256', header, 'base64');
    const known = this.verified.get(digest);
    if (known !== undefined && this.tokens.isCurrent(known)) return known;
    const token = SCHEME.exec(header)?.[1];
    const parsed = token === undefined ? undefined : parseToken(token);
    if (token === undefined || parsed === undefined) return 'malformed';
    const entry = this.verify(token, parsed.publicId);
    if (entry === undefined) return 'unknown';
    this.verified.set(digest, entry);
    return entry;
  }

  private verify(token: string, publicId: string): TokenEntry | undefined {
    const presented = Buffer.from(this.hashes.tokenHash(token), 'hex');
    return this.tokens.find(publicId).find((entry) => timingSafeEqual(entry.secretHash, presented));
  }
}
