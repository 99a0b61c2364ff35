import type { Slice } from '../../platform/persistence/slice.js';
import { ChangeSinks } from './commands/change-sinks.js';
import { SetUpSinks } from './commands/set-up-sinks.js';
import { CreateSinkFleets1763700000270 } from './delivery/create-sink-fleets.migration.js';
import { PostgresDeliveryStore } from './delivery/postgres-delivery-store.js';
import { PostgresEventSource } from './delivery/postgres-event-source.js';
import { SinkDesk } from './delivery/sink-desk.js';
import { SinkFigures } from './delivery/sink-figures.js';
import { SinkFleets } from './delivery/sink-fleets.js';
import { SinkHolds } from './delivery/sink-holds.js';
import { SinkRunner } from './delivery/sink-runner.js';
import { Challenges } from './onboarding/challenges.js';
import { ConfirmSink } from './onboarding/confirm-sink.js';
import { SinkTrial } from './onboarding/sink-trial.js';
import { CreateSinks1763700000210 } from './read/create-sinks.migration.js';
import { SinkQueries } from './read/sink-queries.js';
import { SinkRow } from './read/sink-row.entity.js';
import { sinkProjector } from './read/sink.projector.js';
import { SinkCatalogue } from './sink-catalogue.js';
import { SinkDeliveriesResolver } from './sink-deliveries.resolver.js';
import { SinkOpener } from './sink-opener.js';
import { SinkPlans } from './sink-plans.js';
import { SinkTypesResolver } from './sink-types.resolver.js';
import { SinksResolver } from './sinks.resolver.js';

/** Sinks: where audit events go, whether they may, and how far they have come. */
export const sinksSlice: Slice = {
  providers: [
    SinksResolver,
    SinkTypesResolver,
    SinkDeliveriesResolver,
    SinkQueries,
    SetUpSinks,
    ChangeSinks,
    ConfirmSink,
    SinkTrial,
    Challenges,
    SinkCatalogue,
    SinkOpener,
    SinkPlans,
    SinkDesk,
    SinkRunner,
    SinkFleets,
    SinkHolds,
    SinkFigures,
    PostgresDeliveryStore,
    PostgresEventSource,
  ],
  projectors: [sinkProjector],
  migrations: [CreateSinks1763700000210, CreateSinkFleets1763700000270],
  entities: [SinkRow],
};
