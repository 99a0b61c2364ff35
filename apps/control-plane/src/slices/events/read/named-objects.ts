import { Inject, Injectable } from '@nestjs/common';
import { OBJECT_KINDS, type ObjectKind, type ObjectRef } from '@sallyport/domain-events';
import type { OrganisationId } from '@sallyport/kernel';
import { GraphQLError } from 'graphql';
import type { EntityManager } from 'typeorm';

import { parseId } from '../../../platform/parse-id.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { findIdentity } from '../../identities/read/identity-queries.js';
import { findMember } from '../../members/read/member-queries.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import { findPolicy } from '../../policies/read/policy-queries.js';
import { findServer } from '../../servers/read/server-queries.js';
import { findSink } from '../../sinks/read/find-sink.js';

type Find = (manager: EntityManager, organisationId: OrganisationId, named: string) => Promise<string | undefined>;

/** Kinds whose objects have a name of their own; a grant and a token have none. */
const BY_NAME: Readonly<Partial<Record<ObjectKind, Find>>> = {
  organisation: async (manager, organisationId, slug) => (await manager.findOneBy(OrganisationRow, { organisationId, slug }))?.organisationId,
  member: async (manager, organisationId, named) => (await findMember(manager, organisationId, named))?.memberId,
  server: async (manager, organisationId, named) => (await findServer(manager, organisationId, named))?.serverId,
  identity: async (manager, organisationId, named) => (await findIdentity(manager, organisationId, named))?.identityId,
  policy: async (manager, organisationId, named) => (await findPolicy(manager, organisationId, named))?.policyId,
  sink: async (manager, organisationId, named) => (await findSink(manager, organisationId, named))?.sinkId,
};

/** Objects as people name them: by id, and what has a name by that. */
@Injectable()
export class NamedObjects {
  constructor(@Inject(OrganisationReader) private readonly reader: OrganisationReader) {}

  /**
   * The object of `<kind>/<id>` or `<kind>/<name>`, names as they are now; `undefined` when nothing bears the name.
   *
   * @throws {GraphQLError} `bad_input` for another text.
   */
  async find(organisationId: OrganisationId, text: string): Promise<ObjectRef | undefined> {
    const [kindText = '', named = '', ...rest] = text.split('/');
    const kind = OBJECT_KINDS.find((known) => known === kindText);
    if (kind === undefined || named === '' || rest.length > 0) {
      throw new GraphQLError(`An object is written <kind>/<id>, or by its name as in server/tracker; kinds are ${OBJECT_KINDS.join(', ')}.`, { extensions: { code: 'bad_input' } });
    }
    const find = BY_NAME[kind];
    if (parseId(named) !== undefined) return { kind, id: named };
    const id = find === undefined ? undefined : await this.reader.read(organisationId, (manager) => find(manager, organisationId, named));
    return id === undefined ? undefined : { kind, id };
  }
}
