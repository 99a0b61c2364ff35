import type { Provider } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { PostgresEventFeed, PostgresEventLog } from '@sallyport/event-log-postgres';
import type { Publications, WorkerStatusBoard } from '@sallyport/event-log';
import { WorkerRecordGate, type Relay } from '@sallyport/event-stream';
import { timerScheduler, type Fault, type Scheduler } from '@sallyport/kernel';
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
import { openApplication, type OpenApplication } from './platform/http/open-application.js';
import { Authenticator } from './platform/identity/authenticator.js';
import { SignInCounts } from './platform/identity/sign-in-counts.js';
import { PART } from './platform/parts.js';
import { ControlPlaneMetrics } from './platform/telemetry/control-plane-metrics.js';
import { whatIsMissing } from './platform/health/what-is-missing.js';
import { openDataSource } from './platform/persistence/data-source.js';
import { BrokerTransport } from './platform/stream/broker-transport.js';
import { openStream, type OpenedStream } from './platform/stream/open-stream.js';
import { RecordedExport } from './slices/audit/export/recorded-export.js';
import { serveAuditExport } from './slices/audit/export/serve-audit-export.js';
import { SigningBeat } from './slices/audit/sign/signing-beat.js';
import { AdminAuditor } from './slices/audit/sources/admin-auditor.js';
import { SignInAuditor } from './slices/audit/sources/sign-in-auditor.js';
import { AuditConsumer } from './slices/decisions/audit/audit-consumer.js';
import { AuditIntake } from './slices/decisions/audit/audit-intake.js';
import { AuditRecordsController } from './slices/decisions/audit/audit-records.controller.js';
import { StoredSpent } from './process/stored-spent.js';
import { DecisionStore } from './slices/decisions/store/decision-store.js';
import { ALL_SINK_TYPES } from './slices/sinks/all-sink-types.js';
import { DriftWatch } from './slices/servers/drift-watch.js';

/** The group as which all control planes take audit records from the broker. */
const AUDIT_GROUP = 'control-plane-audit';

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
  const eventLog = new PostgresEventLog(dataSource, { outbox: parts.stream !== undefined });
  const signIns = new SignInCounts();
  const authenticator = new Authenticator(dataSource, { hashes: parts.hashes, clock: parts.clock, signIns });
  const scheduler = parts.scheduler ?? timerScheduler(globalThis);
  const metrics = new ControlPlaneMetrics();
  const stream = parts.stream === undefined ? null : openStream({ ...parts, stream: parts.stream, dataSource, eventLog, scheduler, metrics });
  const made = { dataSource, eventLog, authenticator, signIns, scheduler, metrics, board: boardOf(parts, stream), publications: stream?.publications ?? null, relay: stream?.relay ?? null };
  try {
    const { nest, handler } = await openNest(parts, made);
    return controlPlaneOf(parts, { ...made, stream, nest, handler });
  } catch (caught) {
    await stream?.close();
    throw caught;
  }
}

/** What is made before Nest is. */
interface Made {
  readonly dataSource: DataSource;
  readonly eventLog: PostgresEventLog;
  readonly authenticator: Authenticator;
  readonly signIns: SignInCounts;
  readonly scheduler: Scheduler;
  readonly metrics: ControlPlaneMetrics;
  readonly board: WorkerStatusBoard;
  readonly publications: Publications | null;
  readonly relay: Relay | null;
}

function boardOf(parts: ControlPlaneParts, stream: OpenedStream | null): WorkerStatusBoard {
  const board = stream?.board ?? parts.board;
  if (board === undefined) throw new Error('a control plane needs the board of its workers, or the stream to them');
  return board;
}

async function openNest(parts: ControlPlaneParts, made: Made): Promise<OpenApplication> {
  const opened: OpenApplication = await openApplication({
    module: AppModule.of(providersOf(parts, made), graphqlOptions({ ...parts, authenticator: made.authenticator }), parts.stream === undefined ? [] : [AuditRecordsController]),
    log: parts.log,
    routes: (fastify) => {
      serveFrontPage(fastify, parts);
      serveAuditExport(fastify, { authenticator: made.authenticator, exports: () => opened.nest.get(RecordedExport) });
      if (parts.explorer) serveExplorer(fastify);
    },
    transport: parts.stream === undefined ? null : new BrokerTransport({ broker: parts.stream.broker, group: AUDIT_GROUP, onFault: (fault) => tellDisturbed(parts, fault) }),
  });
  await opened.nest.startAllMicroservices();
  return opened;
}

function tellDisturbed({ log }: ControlPlaneParts, fault: Fault): void {
  log.warn({ event: 'audit.disturbed', code: fault.code, err: fault }, 'taking audit records from the broker is disturbed; trying again');
}

function spentOf({ stream, clock, log }: ControlPlaneParts, { dataSource, eventLog, scheduler }: Made): StoredSpent | null {
  if (stream === undefined) return null;
  const onFault = (fault: Fault): void => log.warn({ event: 'spent.disturbed', code: fault.code, err: fault }, 'reading what was spent from the broker is disturbed; trying again');
  return new StoredSpent({ dataSource, log: eventLog, broker: stream.broker, gate: new WorkerRecordGate(stream), clock, scheduler, onFault });
}

function controlPlaneOf(parts: ControlPlaneParts, made: Made & OpenApplication & { readonly stream: OpenedStream | null }): ControlPlane {
  const { nest, stream, dataSource, authenticator } = made;
  const endSubscriptions = serveSubscriptions({
    server: parts.server,
    schema: nest.get(GraphQLSchemaHost).schema,
    authenticator,
    rules: requestRules(parts.explorer),
    formatError: formatGraphqlError(parts.log),
  });
  const decisions = nest.get(DecisionStore);
  return {
    handler: made.handler,
    auditBus: decisions,
    chargesSince: (atMs) => decisions.chargesSince(atMs),
    eventLog: made.eventLog,
    auditTold: async () => {
      await nest.get(AdminAuditor).caughtUp();
      await nest.get(SignInAuditor).tellNow();
    },
    signAuditHeads: () => nest.get(SigningBeat).signNow(),
    feed: new PostgresEventFeed({
      url: parts.databaseUrl,
      clock: parts.clock,
      onFault: (fault) => parts.log.warn({ event: 'feed.failed', err: fault }, 'following the event log failed; trying again'),
    }),
    spent: spentOf(parts, made),
    bootstrap: nest.get(Bootstrap),
    relay: made.relay,
    noticeToolsChange: (organisationId, serverId) => nest.get(DriftWatch).noticeChange(organisationId, serverId),
    ready: () => whatIsMissing(dataSource),
    metrics: made.metrics.registry,
    close: once(async () => {
      await endSubscriptions();
      await nest.close();
      await stream?.close();
      await dataSource.destroy();
    }),
  };
}

function providersOf(parts: ControlPlaneParts, made: Made): readonly Provider[] {
  return [
    { provide: PART.dataSource, useValue: made.dataSource },
    { provide: PART.eventLog, useValue: made.eventLog },
    { provide: Authenticator, useValue: made.authenticator },
    { provide: SignInCounts, useValue: made.signIns },
    { provide: PART.secretBox, useValue: parts.secretBox },
    { provide: PART.hashes, useValue: parts.hashes },
    { provide: PART.databaseUrl, useValue: parts.databaseUrl },
    { provide: PART.auditKeys, useValue: parts.auditSigning.keys },
    { provide: PART.auditHeads, useValue: parts.auditSigning.heads },
    { provide: PART.board, useValue: made.board },
    { provide: PART.publications, useValue: made.publications },
    { provide: PART.relay, useValue: made.relay },
    { provide: PART.clock, useValue: parts.clock },
    { provide: PART.log, useValue: parts.log },
    { provide: PART.operatorFile, useValue: parts.operatorFile },
    { provide: PART.sinkTypes, useValue: parts.sinkTypes ?? ALL_SINK_TYPES },
    { provide: PART.inspect, useValue: parts.inspect },
    { provide: PART.scheduler, useValue: made.scheduler },
    { provide: PART.gatewayUrl, useValue: parts.gatewayUrl },
    { provide: PART.projectors, useValue: appSlices.flatMap((slice) => slice.projectors) },
    { provide: ControlPlaneMetrics, useValue: made.metrics },
    ...(parts.stream === undefined ? [] : [{ provide: PART.broker, useValue: parts.stream.broker }, { provide: PART.recordMac, useValue: parts.stream.mac }, AuditIntake, AuditConsumer]),
    Bootstrap,
    FirstRun,
  ];
}

/** Does it the first time and answers the same promise afterwards. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
