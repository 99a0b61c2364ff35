import { timingSafeEqual } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_TOKEN_LIFE_MS } from '@sallyport/control-domain';
import type { Role } from '@sallyport/domain-events';
import { branded, ok, refuse, type EpochMs, type Result, type TokenId } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';
import { parseToken } from '@sallyport/tokens';
import { IsNull, type DataSource } from 'typeorm';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import { refusalOf, type Refusal } from '../../../platform/commands/refusal.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { parseId } from '../../../platform/parse-id.js';
import { PART } from '../../../platform/parts.js';
import { asSignIn } from '../../../platform/persistence/sign-in-role.js';
import { findMember } from '../../members/read/member-queries.js';
import { memberRefusals } from '../../members/member-refusals.js';
import { AdminTokenRow } from '../read/admin-token-row.entity.js';
import { tokenRefusals } from '../token-refusals.js';
import { issueToken, type TokenIds } from './issue-token.js';
import { revokeToken } from './revoke-tokens-of.js';

/** A new token. `expiresAt` RFC 3339; `member` id or name. */
export interface CreateTokenInput extends Asked {
  readonly role: Role;
  readonly label?: string | null | undefined;
  readonly member?: string | null | undefined;
  readonly expiresAt?: string | null | undefined;
}

/** A token that ends. `id` is its id or public id. */
export interface RevokeTokenInput extends Asked {
  readonly id: string;
  readonly reason?: string | null | undefined;
}

type Answer = Promise<Result<Committed<TokenIds>, Refusal>>;

/** Makes and ends admin tokens. */
@Injectable()
export class ChangeTokens {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(PART.hashes) private readonly hashes: KeyedHashes,
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
  ) {}

  /** Makes a token for the caller or another member; never an operator's. */
  create(input: CreateTokenInput, caller: Caller): Answer {
    return this.runner.run<TokenIds>(askedCommand('createToken', input, caller), (session) => this.issue(session, input, caller));
  }

  /** Ends a token. */
  revoke(input: RevokeTokenInput, caller: Caller): Answer {
    return this.runner.run<TokenIds>(askedCommand('revokeToken', input, caller), async (session) => {
      const tokenId = await this.tokenNamed(session, input.id);
      return tokenId === undefined ? refuse(refusalOf(tokenRefusals, 'token.unknown')) : revoked(session, tokenId, input.reason ?? '');
    });
  }

  /** Ends a token that whoever holds it hands in; does nothing for one that is not valid. Says whether the text is a token's. */
  async revokeFound(token: string): Promise<boolean> {
    const parsed = parseToken(token);
    if (parsed === undefined) return false;
    const row = await asSignIn(this.dataSource, (manager) => manager.findOneBy(AdminTokenRow, { publicId: parsed.publicId, revokedAt: IsNull() }));
    if (row === null || !this.isSecret(token, row)) return true;
    const command = { organisationId: row.organisationId, actor: { kind: 'system', name: 'found-token' }, name: 'revokeFoundToken', input: {} } as const;
    await this.runner.run<TokenIds>(command, (session) => revoked(session, row.tokenId, 'found and handed in'));
    return true;
  }

  private isSecret(token: string, row: AdminTokenRow): boolean {
    return timingSafeEqual(Buffer.from(this.hashes.tokenHash(token), 'hex'), Buffer.from(row.secretHash, 'hex'));
  }

  private async issue(session: CommandSession, input: CreateTokenInput, caller: Caller): Promise<Result<Done<TokenIds>, Refusal>> {
    const named = input.member ?? caller.memberId;
    const member = await findMember(session.rows, session.organisationId, named);
    if (member === null || member.removedAt !== null) return refuse(refusalOf(memberRefusals, 'member.unknown'));
    const expiresAt = branded<EpochMs>(typeof input.expiresAt === 'string' ? Date.parse(input.expiresAt) : session.now + DEFAULT_TOKEN_LIFE_MS);
    return issueToken(session, this.hashes, { member, role: input.role, issuerRole: caller.role, operator: false, label: input.label ?? '', expiresAt });
  }

  private async tokenNamed(session: CommandSession, named: string): Promise<TokenId | undefined> {
    const { organisationId, rows } = session;
    const tokenId = parseId<TokenId>(named);
    const row = await rows.findOneBy(AdminTokenRow, { organisationId, ...(tokenId === undefined ? { publicId: named } : { tokenId }) });
    return row?.tokenId;
  }
}

async function revoked(session: CommandSession, tokenId: TokenId, reason: string): Promise<Result<Done<TokenIds>, Refusal>> {
  const decided = await revokeToken(session, tokenId, reason);
  return decided.ok ? ok({ ids: { tokenId } }) : refuse(refusalOf(tokenRefusals, decided.refusal));
}
