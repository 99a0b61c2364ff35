import { timingSafeEqual } from 'node:crypto';

import { commonRole } from '@sallyport/control-domain';
import { inOrganisation } from '@sallyport/event-log-postgres';
import type { Role } from '@sallyport/domain-events';
import { branded, ok, refuse, type Clock, type EpochMs, type MemberId, type OrganisationId, type Result, type TokenId } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';
import { parseToken } from '@sallyport/tokens';
import { LRUCache } from 'lru-cache';
import type { DataSource } from 'typeorm';

import { asSignIn } from '../persistence/sign-in-role.js';
import type { Caller, Credentials } from './caller.js';
import type { SignInCounts, SignInReason, TokenOwner } from './sign-in-counts.js';

/** Why a request stands for nobody (`unauthenticated`), or not in the organisation it names (`forbidden`). */
export type SignInRefusal = 'unauthenticated' | 'forbidden';

const LAST_USE_STEP_MS = 60_000;
const REMEMBERED_USES = 10_000;

interface TokenRow {
  readonly organisation_id: OrganisationId;
  readonly organisation_slug: string;
  readonly token_id: TokenId;
  readonly member_id: MemberId;
  readonly token_role: Role;
  readonly member_name: string;
  readonly member_role: Role;
  readonly operator: boolean;
  readonly secret_hash: string;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
  readonly removed_at: Date | null;
}

/** What sign-ins are decided with, and told to. */
export interface AuthenticatorParts {
  readonly hashes: KeyedHashes;
  readonly clock: Clock;
  readonly signIns: SignInCounts;
}

/**
 * Finds out whom a request stands for. A token is looked up by its public part and compared by its keyed hash in
 * constant time; a revoked or expired one, and one of a removed member, stands for nobody. Nothing is cached, so a
 * revocation holds from the next look.
 */
export class Authenticator {
  private readonly lastUses = new LRUCache<TokenId, EpochMs>({ max: REMEMBERED_USES });

  constructor(
    private readonly dataSource: DataSource,
    private readonly parts: AuthenticatorParts,
  ) {}

  /** The caller that the credentials stand for. */
  async authenticate(credentials: Credentials): Promise<Result<Caller, SignInRefusal>> {
    const token = /^Bearer +(\S+)$/i.exec(credentials.authorization)?.[1];
    const parsed = token === undefined ? undefined : parseToken(token);
    if (token === undefined || parsed?.kind !== 'usr') return this.refuse('malformed', undefined, credentials);
    const row = await this.find(parsed.publicId);
    if (row === undefined || !this.isSecret(token, row)) return this.refuse('unknown', undefined, credentials);
    const ended = endOf(row, this.parts.clock.now());
    if (ended !== null) return this.refuse(ended, row, credentials);
    const caller = await this.actIn(row, credentials.organisation);
    if (!caller.ok) return this.refuse('forbidden', row, credentials);
    this.parts.signIns.noteAccepted(ownerOf(row), credentials.source, this.parts.clock.now());
    await this.noteUse(row);
    return caller;
  }

  /** Counts a request that brought more than one credential, and so none. */
  noteRepeated(source: string | null): void {
    this.parts.signIns.noteRefused('malformed', null, { source, at: this.parts.clock.now() });
  }

  private refuse(reason: SignInReason, row: TokenRow | undefined, { source }: Credentials): Result<Caller, SignInRefusal> {
    this.parts.signIns.noteRefused(reason, row === undefined ? null : ownerOf(row), { source, at: this.parts.clock.now() });
    return refuse(reason === 'forbidden' ? 'forbidden' : 'unauthenticated');
  }

  private async find(publicId: string): Promise<TokenRow | undefined> {
    const rows = await asSignIn(this.dataSource, (manager) =>
      manager.query<TokenRow[]>(
        `SELECT t.organisation_id, o.slug AS organisation_slug, t.token_id, t.member_id, t.role AS token_role, m.name AS member_name,
                m.role AS member_role, t.operator, t.secret_hash, t.expires_at, t.revoked_at, m.removed_at
         FROM admin_tokens t
         JOIN members m ON m.organisation_id = t.organisation_id AND m.member_id = t.member_id
         JOIN organisations o ON o.organisation_id = t.organisation_id
         WHERE t.public_id = $1 ORDER BY t.revoked_at NULLS FIRST LIMIT 1`,
        [publicId],
      ),
    );
    return rows[0];
  }

  private isSecret(token: string, row: TokenRow): boolean {
    const given = Buffer.from(this.parts.hashes.tokenHash(token), 'hex');
    const kept = Buffer.from(row.secret_hash, 'hex');
    return given.length === kept.length && timingSafeEqual(given, kept);
  }

  private async actIn(row: TokenRow, organisation: string | undefined): Promise<Result<Caller, SignInRefusal>> {
    const home = row.organisation_id;
    const caller: Caller = {
      organisationId: home,
      homeOrganisationId: home,
      memberId: row.member_id,
      tokenId: row.token_id,
      role: commonRole(row.token_role, row.member_role),
      operator: row.operator,
      tokenExpiresAt: branded<EpochMs>(row.expires_at.getTime()),
    };
    if (organisation === undefined || organisation === home || organisation === row.organisation_slug) return ok(caller);
    if (!row.operator) return refuse('forbidden');
    const other = await this.organisationNamed(organisation);
    return other === undefined ? refuse('forbidden') : ok({ ...caller, organisationId: other, role: 'admin' });
  }

  private async organisationNamed(name: string): Promise<OrganisationId | undefined> {
    const rows = await asSignIn(this.dataSource, (manager) =>
      manager.query<{ organisation_id: OrganisationId }[]>('SELECT organisation_id FROM organisations WHERE slug = $1 OR organisation_id::text = $1', [name]),
    );
    return rows[0]?.organisation_id;
  }

  private async noteUse(row: TokenRow): Promise<void> {
    const now = this.parts.clock.now();
    const last = this.lastUses.get(row.token_id);
    if (last !== undefined && now - last < LAST_USE_STEP_MS) return;
    this.lastUses.set(row.token_id, now);
    await inOrganisation(this.dataSource, row.organisation_id, (manager) =>
      manager.query(
        `INSERT INTO token_uses (organisation_id, token_id, last_used_at) VALUES ($1, $2, $3)
         ON CONFLICT (organisation_id, token_id) DO UPDATE SET last_used_at = GREATEST(token_uses.last_used_at, excluded.last_used_at)`,
        [row.organisation_id, row.token_id, new Date(now).toISOString()],
      ),
    );
  }
}

/** Why a token that is somebody's is not taken; `null` where it is. */
function endOf(row: TokenRow, now: number): SignInReason | null {
  if (row.revoked_at !== null) return 'revoked';
  if (row.removed_at !== null) return 'removed';
  return row.expires_at.getTime() <= now ? 'expired' : null;
}

function ownerOf({ organisation_id, member_id, member_name, token_id, token_role, member_role, operator }: TokenRow): TokenOwner {
  const role = commonRole(token_role, member_role);
  return { organisationId: organisation_id, memberId: member_id, memberName: member_name, tokenId: token_id, roles: operator ? [role, 'operator'] : [role] };
}
