import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import type { ApolloDriverConfig } from '@nestjs/apollo';

import { appSlices } from './app-slices.js';
import { ChangeProgress } from './platform/commands/change-progress.js';
import { CommandRunner } from './platform/commands/command-runner.js';
import { ExpireOverdue } from './platform/commands/expire-overdue.js';
import { EXPIRING } from './platform/commands/expiring.js';
import { ExpirySweep } from './platform/commands/expiry-sweep.js';
import { FactRecorder } from './platform/commands/fact-recorder.js';
import { IdempotencyKeys } from './platform/commands/idempotency-keys.js';
import { EventHistory } from './platform/event-history.js';
import { PlatformResolver } from './platform/graphql/platform.resolver.js';
import { RefusedRequestFilter } from './platform/graphql/refused-request.filter.js';
import { StreamSlots } from './platform/graphql/stream-slots.js';
import { RoleGuard } from './platform/identity/role.guard.js';
import { OrganisationReader } from './platform/persistence/organisation-reader.js';
import { ProjectionRebuild } from './platform/persistence/projection-rebuild.js';

/** The control plane as one Nest module: the platform, and what `app-slices.ts` lists. */
@Module({})
export class AppModule {
  /**
   * @param parts       What was given from outside, under the tokens of `PART`, and the authenticator that the requests' contexts use.
   * @param controllers What takes records from a broker, where there is one.
   */
  static of(parts: readonly Provider[], graphql: ApolloDriverConfig, controllers: readonly Type[]): DynamicModule {
    return {
      module: AppModule,
      controllers: [...controllers],
      imports: [GraphQLModule.forRoot<ApolloDriverConfig>(graphql)],
      providers: [
        ...parts,
        { provide: APP_GUARD, useClass: RoleGuard },
        { provide: APP_FILTER, useClass: RefusedRequestFilter },
        { provide: EXPIRING, useValue: appSlices.flatMap((slice) => slice.expiring ?? []) },
        ChangeProgress,
        CommandRunner,
        ExpireOverdue,
        ExpirySweep,
        FactRecorder,
        IdempotencyKeys,
        EventHistory,
        OrganisationReader,
        ProjectionRebuild,
        StreamSlots,
        PlatformResolver,
        ...appSlices.flatMap((slice) => slice.providers),
      ],
    };
  }
}

