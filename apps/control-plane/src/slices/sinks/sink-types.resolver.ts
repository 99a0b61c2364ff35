import { Inject } from '@nestjs/common';
import { Query, Resolver } from '@nestjs/graphql';

import { RequireRole } from '../../platform/identity/require-role.js';
import { SinkCatalogue } from './sink-catalogue.js';
import { sinkTypesToGraphql } from './sink-types-to-graphql.js';

/** The kinds of sink that there are, in GraphQL. */
@Resolver()
export class SinkTypesResolver {
  constructor(@Inject(SinkCatalogue) private readonly catalogue: SinkCatalogue) {}

  @Query('sinkTypes')
  @RequireRole('auditor')
  types() {
    return sinkTypesToGraphql(this.catalogue);
  }
}
