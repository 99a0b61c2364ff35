import { Inject, Injectable } from '@nestjs/common';
import type { MemberId, OrganisationId } from '@sallyport/kernel';
import { IsNull, MoreThan, Not, type EntityManager } from 'typeorm';

import { connectionOf, pageSize, readCursor, type Connection } from '../../../platform/graphql/page.js';
import { parseId } from '../../../platform/parse-id.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { memberToGraphql } from '../member-to-graphql.js';
import { MemberRow } from './member-row.entity.js';

/** GraphQL's `Member`. */
export type MemberNode = ReturnType<typeof memberToGraphql>;

/** Look-ups of members. */
@Injectable()
export class MemberQueries {
  constructor(@Inject(OrganisationReader) private readonly reader: OrganisationReader) {}

  /** Present members, in the order they were added. */
  async list(organisationId: OrganisationId, page: { first?: number | null; after?: string | null }): Promise<Connection<MemberNode>> {
    const first = pageSize(page.first);
    const [after] = readCursor(page.after, 1) ?? [];
    const rows = await this.reader.read(organisationId, (manager) =>
      manager.find(MemberRow, {
        where: { organisationId, removedAt: IsNull(), ...(after !== undefined && { addedRevision: MoreThan(Number(after) || 0) }) },
        order: { addedRevision: 'ASC' },
        take: first + 1,
      }),
    );
    return connectionOf(rows, first, { place: (row) => [row.addedRevision], node: memberToGraphql });
  }

  /** A member by id, removed or not. */
  async find(organisationId: OrganisationId, id: string): Promise<MemberNode | null> {
    const memberId = parseId<MemberId>(id);
    if (memberId === undefined) return null;
    const row = await this.reader.read(organisationId, (manager) => manager.findOneBy(MemberRow, { organisationId, memberId }));
    return row === null ? null : memberToGraphql(row);
  }

  /** A member that is known to be there. */
  async present(organisationId: OrganisationId, memberId: MemberId): Promise<MemberNode> {
    return memberToGraphql(await this.reader.read(organisationId, (manager) => manager.findOneByOrFail(MemberRow, { organisationId, memberId })));
  }
}

/** A member by id, or a present one by name, inside the caller's transaction. */
export async function findMember(manager: EntityManager, organisationId: OrganisationId, named: string): Promise<MemberRow | null> {
  const memberId = parseId<MemberId>(named);
  if (memberId !== undefined) return manager.findOneBy(MemberRow, { organisationId, memberId });
  return manager.findOneBy(MemberRow, { organisationId, name: named, removedAt: IsNull() });
}

/** Whether a present member has the name. */
export function isNameTaken(manager: EntityManager, organisationId: OrganisationId, name: string): Promise<boolean> {
  return manager.existsBy(MemberRow, { organisationId, name, removedAt: IsNull() });
}

/** How many present admins an organisation has besides one member. */
export function countOtherAdmins(manager: EntityManager, organisationId: OrganisationId, memberId: MemberId): Promise<number> {
  return manager.countBy(MemberRow, { organisationId, memberId: Not(memberId), role: 'admin', removedAt: IsNull() });
}
