import { Inject } from '@nestjs/common';
import { Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Relay } from '@sallyport/event-stream';

import { RequireRole } from '../identity/require-role.js';
import { PART } from '../parts.js';
import { ProjectionRebuild, type RebuildReport } from '../persistence/projection-rebuild.js';

/** What belongs to no slice. */
@Resolver()
export class PlatformResolver {
  /** @param relay `null` where workers are in this process. */
  constructor(
    @Inject(ProjectionRebuild) private readonly rebuild: ProjectionRebuild,
    @Inject(PART.relay) private readonly relay: Relay | null,
  ) {}

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

  @Mutation('rebuildSnapshots')
  @RequireRole('operator')
  rebuildSnapshots(): { readonly begun: boolean } {
    return { begun: this.relay?.rebuildSnapshots() ?? false };
  }
}
