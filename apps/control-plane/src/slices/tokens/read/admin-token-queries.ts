import { Inject, Injectable } from '@nestjs/common';
import type { Clock, OrganisationId, TokenId } from '@sallyport/kernel';
import { In, LessThan, type EntityManager } from 'typeorm';

import { connectionOf, pageSize, readCursor, type Connection } from '../../../platform/graphql/page.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { findMember } from '../../members/read/member-queries.js';
import { adminTokenToGraphql } from '../admin-token-to-graphql.js';
import { AdminTokenRow, TokenUseRow } from './admin-token-row.entity.js';

/** GraphQL's `AdminToken`. */
export type AdminTokenNode = ReturnType<typeof adminTokenToGraphql>;

/** What to list. `member` is an id or a name. */
export interface TokenPage {
  readonly member?: string | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

/** Look-ups of admin tokens. */
@Injectable()
export class AdminTokenQueries {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Tokens, newest first. */
  list(organisationId: OrganisationId, page: TokenPage): Promise<Connection<AdminTokenNode>> {
    const first = pageSize(page.first);
    const [cursor] = readCursor(page.after, 1) ?? [];
    const before = cursor === undefined ? undefined : Number(cursor) || 0;
    return this.reader.read(organisationId, async (manager) => {
      const member = typeof page.member === 'string' ? await findMember(manager, organisationId, page.member) : undefined;
      const rows = member === null ? [] : await manager.find(AdminTokenRow, {
        where: { organisationId, ...(member !== undefined && { memberId: member.memberId }), ...(before !== undefined && { revision: LessThan(before) }) },
        order: { revision: 'DESC' },
        take: first + 1,
      });
      const lastUses = await this.lastUses(manager, organisationId, rows);
      const node = (row: AdminTokenRow) => adminTokenToGraphql(row, lastUses.get(row.tokenId) ?? null, this.clock.now());
      return connectionOf(rows, first, { place: (row) => [row.revision], node });
    });
  }

  /** A token that is known to be there. */
  present(organisationId: OrganisationId, tokenId: TokenId): Promise<AdminTokenNode> {
    return this.reader.read(organisationId, async (manager) => {
      const row = await manager.findOneByOrFail(AdminTokenRow, { organisationId, tokenId });
      const use = await manager.findOneBy(TokenUseRow, { organisationId, tokenId });
      return adminTokenToGraphql(row, use?.lastUsedAt ?? null, this.clock.now());
    });
  }

  private async lastUses(manager: EntityManager, organisationId: OrganisationId, rows: readonly AdminTokenRow[]): Promise<ReadonlyMap<TokenId, Date>> {
    const uses = await manager.findBy(TokenUseRow, { organisationId, tokenId: In(rows.map((row) => row.tokenId)) });
    return new Map(uses.map((use) => [use.tokenId, use.lastUsedAt]));
  }
}
