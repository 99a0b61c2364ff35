import { Inject, Injectable } from '@nestjs/common';
import type { OrganisationId } from '@sallyport/kernel';
import { In, MoreThan, type DataSource } from 'typeorm';

import { connectionOf, pageSize, readCursor, type Connection } from '../../../platform/graphql/page.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { asSignIn } from '../../../platform/persistence/sign-in-role.js';
import { organisationToGraphql } from '../organisation-to-graphql.js';
import { OrganisationRow } from './organisation-row.entity.js';

/** GraphQL's `Organisation`. */
export type OrganisationNode = ReturnType<typeof organisationToGraphql>;

/** Look-ups of organisations. */
@Injectable()
export class OrganisationQueries {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
  ) {}

  /** One organisation, which is there. */
  async one(organisationId: OrganisationId): Promise<OrganisationNode> {
    const row = await this.reader.read(organisationId, (manager) => manager.findOneByOrFail(OrganisationRow, { organisationId }));
    return organisationToGraphql(row);
  }

  /** Those the caller may act in, by slug: all for an operator, else its own. */
  async ofCaller(caller: Caller, page: { first?: number | null; after?: string | null }): Promise<Connection<OrganisationNode>> {
    const first = pageSize(page.first);
    const [after] = readCursor(page.after, 1) ?? [];
    const rows = await asSignIn(this.dataSource, (manager) =>
      manager.find(OrganisationRow, {
        where: {
          ...(after !== undefined && { slug: MoreThan(after) }),
          ...(!caller.operator && { organisationId: In([caller.organisationId]) }),
        },
        order: { slug: 'ASC' },
        take: first + 1,
      }),
    );
    return connectionOf(rows, first, { place: (row) => [row.slug], node: organisationToGraphql });
  }

  /** The deployment's first organisation; `undefined` before there is one. */
  async first(): Promise<OrganisationNode | undefined> {
    const [row] = await asSignIn(this.dataSource, (manager) => manager.find(OrganisationRow, { order: { organisationId: 'ASC' }, take: 1 }));
    return row === undefined ? undefined : organisationToGraphql(row);
  }
}
