import type { Provider } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { PostgresEventFeed, PostgresEventLog } from '@sallyport/event-log-postgres';
import { timerScheduler } from '@sallyport/kernel';
import type { DataSource } from 'typeorm';

import { AppModule } from './app.module.js';
import { appSlices } from './app-slices.js';
import { Bootstrap } from './bootstrap.js';
import type { ControlPlane, ControlPlaneParts } from './control-plane.js';
import { FirstRun } from './first-run.js';
import { formatGraphqlError } from './platform/graphql/faults-to-graphql.js';
import { graphqlOptions } from './platform/graphql/graphql-options.js';
import { requestRules } from './platform/graphql/request-limits.js';
import { serveSubscriptions } from './platform/graphql/serve-subscriptions.js';
import { serveExplorer } from './platform/http/explorer.js';
import { serveFrontPage } from './platform/http/front-page.js';
import { openApplication } from './platform/http/open-application.js';
import { Authenticator } from './platform/identity/authenticator.js';
import { PART } from './platform/parts.js';
import { ControlPlaneMetrics } from './platform/telemetry/control-plane-metrics.js';
import { whatIsMissing } from './platform/health/what-is-missing.js';
import { openDataSource } from './platform/persistence/data-source.js';
import { DecisionStore } from './slices/decisions/store/decision-store.js';
import { DriftWatch } from './slices/servers/drift-watch.js';

/**
 * Brings up the control plane: schema up to date, GraphQL ready to answer through `handler`.
 *
 * @throws the driver's error when the database cannot be reached or brought up to date; nothing is left open then.
 */
export async function buildControlPlane(parts: ControlPlaneParts): Promise<ControlPlane> {
  const dataSource = await openDataSource(parts.databaseUrl, appSlices);
  try {
    return await compose(parts, dataSource);
  } catch (caught) {
    await dataSource.destroy();
    throw caught;
  }
}

async function compose(parts: ControlPlaneParts, dataSource: DataSource): Promise<ControlPlane> {
  const eventLog = new PostgresEventLog(dataSource);
  const authenticator = new Authenticator(dataSource, parts.hashes, parts.clock);
  const module = AppModule.of(providersOf(parts, { dataSource, eventLog, authenticator }), graphqlOptions({ ...parts, authenticator }));
  const { nest, handler } = await openApplication(module, parts.log, (fastify) => {
    serveFrontPage(fastify, parts);
    if (parts.explorer) serveExplorer(fastify);
  });
  const endSubscriptions = serveSubscriptions({
    server: parts.server,
    schema: nest.get(GraphQLSchemaHost).schema,
    authenticator,
    rules: requestRules(parts.explorer),
    formatError: formatGraphqlError(parts.log),
  });
  const decisions = nest.get(DecisionStore);
  return {
    handler,
    auditBus: decisions,
    chargesSince: (atMs) => decisions.chargesSince(atMs),
    eventLog,
    feed: new PostgresEventFeed({
      url: parts.databaseUrl,
      clock: parts.clock,
      onFault: (fault) => parts.log.warn({ event: 'feed.failed', err: fault }, 'following the event log failed; trying again'),
    }),
    bootstrap: nest.get(Bootstrap),
    noticeToolsChange: (organisationId, serverId) => nest.get(DriftWatch).noticeChange(organisationId, serverId),
    ready: () => whatIsMissing(dataSource),
    metrics: nest.get(ControlPlaneMetrics).registry,
    close: once(async () => {
      await endSubscriptions();
      await nest.close();
      await dataSource.destroy();
    }),
  };
}

function providersOf(parts: ControlPlaneParts, made: { dataSource: DataSource; eventLog: PostgresEventLog; authenticator: Authenticator }): readonly Provider[] {
  return [
    { provide: PART.dataSource, useValue: made.dataSource },
    { provide: PART.eventLog, useValue: made.eventLog },
    { provide: Authenticator, useValue: made.authenticator },
    { provide: PART.secretBox, useValue: parts.secretBox },
    { provide: PART.hashes, useValue: parts.hashes },
    { provide: PART.board, useValue: parts.board },
    { provide: PART.clock, useValue: parts.clock },
    { provide: PART.log, useValue: parts.log },
    { provide: PART.operatorFile, useValue: parts.operatorFile },
    { provide: PART.inspect, useValue: parts.inspect },
    { provide: PART.scheduler, useValue: parts.scheduler ?? timerScheduler(globalThis) },
    { provide: PART.gatewayUrl, useValue: parts.gatewayUrl },
    { provide: PART.projectors, useValue: appSlices.flatMap((slice) => slice.projectors) },
    Bootstrap,
    FirstRun,
    ControlPlaneMetrics,
  ];
}

/** Does it the first time and answers the same promise afterwards. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
