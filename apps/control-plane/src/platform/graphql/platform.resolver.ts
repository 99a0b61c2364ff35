import { Inject } from '@nestjs/common';
import { Mutation, Query, Resolver } from '@nestjs/graphql';

import { RequireRole } from '../identity/require-role.js';
import { ProjectionRebuild, type RebuildReport } from '../persistence/projection-rebuild.js';

/** What belongs to no slice. */
@Resolver()
export class PlatformResolver {
  constructor(@Inject(ProjectionRebuild) private readonly rebuild: ProjectionRebuild) {}

  @Query('ping')
  @RequireRole('anyone')
  ping(): boolean {
    return true;
  }

  @Mutation('rebuildProjections')
  @RequireRole('operator')
  rebuildProjections(): Promise<RebuildReport> {
    return this.rebuild.run();
  }
}
