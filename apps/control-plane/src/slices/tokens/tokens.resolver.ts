import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';

import { mutationAnswer } from '../../platform/graphql/mutation-answer.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { MemberQueries } from '../members/read/member-queries.js';
import { OrganisationQueries } from '../organisations/read/organisation-queries.js';
import { ChangeTokens, type CreateTokenInput, type RevokeTokenInput } from './commands/change-tokens.js';
import { AdminTokenQueries, type TokenPage } from './read/admin-token-queries.js';

/** Admin tokens in GraphQL. */
@Resolver()
export class TokensResolver {
  constructor(
    @Inject(AdminTokenQueries) private readonly tokens: AdminTokenQueries,
    @Inject(ChangeTokens) private readonly change: ChangeTokens,
    @Inject(OrganisationQueries) private readonly organisations: OrganisationQueries,
    @Inject(MemberQueries) private readonly members: MemberQueries,
  ) {}

  @Query('whoami')
  @RequireRole('viewer')
  async whoami(@CurrentCaller() caller: Caller) {
    const [organisation, member, token] = await Promise.all([
      this.organisations.one(caller.organisationId),
      this.members.present(caller.homeOrganisationId, caller.memberId),
      this.tokens.present(caller.homeOrganisationId, caller.tokenId),
    ]);
    return { organisation, member, token, role: caller.role, operator: caller.operator };
  }

  @Query('tokens')
  @RequireRole('viewer')
  list(@CurrentCaller() caller: Caller, @Args() page: TokenPage) {
    return this.tokens.list(caller.organisationId, page);
  }

  @Mutation('createToken')
  @RequireRole('admin')
  async create(@CurrentCaller() caller: Caller, @Args('input') input: CreateTokenInput) {
    return mutationAnswer('CreateTokenPayload', await this.change.create(input, caller), async ({ ids, secret }) => ({
      token: secret,
      adminToken: await this.tokens.present(caller.organisationId, ids.tokenId),
    }));
  }

  @Mutation('revokeToken')
  @RequireRole('admin')
  async revoke(@CurrentCaller() caller: Caller, @Args('input') input: RevokeTokenInput) {
    return mutationAnswer('RevokeTokenPayload', await this.change.revoke(input, caller), async ({ ids }) => ({
      adminToken: await this.tokens.present(caller.organisationId, ids.tokenId),
    }));
  }

  @Mutation('revokeFoundToken')
  @RequireRole('anyone')
  async revokeFound(@Args('input') input: { token: string }) {
    return { wellFormed: await this.change.revokeFound(input.token) };
  }
}
