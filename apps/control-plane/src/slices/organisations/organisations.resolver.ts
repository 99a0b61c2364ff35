import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';

import { mutationAnswer } from '../../platform/graphql/mutation-answer.js';
import { actorOf, type Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { MemberQueries } from '../members/read/member-queries.js';
import { CreateOrganisation, type CreateOrganisationInput } from './commands/create-organisation.js';
import { UpdateOrganisation, type UpdateOrganisationInput } from './commands/update-organisation.js';
import { OrganisationQueries } from './read/organisation-queries.js';

/** Organisations in GraphQL. */
@Resolver()
export class OrganisationsResolver {
  constructor(
    @Inject(OrganisationQueries) private readonly organisations: OrganisationQueries,
    @Inject(MemberQueries) private readonly members: MemberQueries,
    @Inject(CreateOrganisation) private readonly create: CreateOrganisation,
    @Inject(UpdateOrganisation) private readonly update: UpdateOrganisation,
  ) {}

  @Query('organisation')
  @RequireRole('viewer')
  organisation(@CurrentCaller() caller: Caller) {
    return this.organisations.one(caller.organisationId);
  }

  @Query('organisations')
  @RequireRole('viewer')
  list(@CurrentCaller() caller: Caller, @Args('first') first: number, @Args('after') after?: string) {
    return this.organisations.ofCaller(caller, { first, after: after ?? null });
  }

  @Mutation('createOrganisation')
  @RequireRole('operator')
  async createOrganisation(@CurrentCaller() caller: Caller, @Args('input') input: CreateOrganisationInput) {
    const result = await this.create.run(input, { actor: actorOf(caller), home: caller.homeOrganisationId });
    return mutationAnswer('CreateOrganisationPayload', result, async ({ ids }) => ({
      organisation: await this.organisations.one(ids.organisationId),
      member: await this.members.present(ids.organisationId, ids.memberId),
    }));
  }

  @Mutation('updateOrganisation')
  @RequireRole('admin')
  async updateOrganisation(@CurrentCaller() caller: Caller, @Args('input') input: UpdateOrganisationInput) {
    const result = await this.update.run(input, caller);
    return mutationAnswer('UpdateOrganisationPayload', result, async ({ ids }) => ({ organisation: await this.organisations.one(ids.organisationId) }));
  }
}
