import { setTimeout as pause } from 'node:timers/promises';

import { refuseStarting as refuseAdmin } from '@sallyport/control-plane';
import { refuseStarting as refuseCalls } from '@sallyport/gateway';
import { startPostgres, type RunningPostgres } from '@sallyport/postgres-embedded';
import { RootKey } from '@sallyport/secrets-aes';
import {
  StopList,
  answerOperations,
  baseUrl,
  diskFullFault,
  isLoopback,
  listen,
  makeServer,
  openDataFolder,
  openOperatorFile,
  openRootKey,
  ownFetch,
  routeRequests,
  startFault,
  startingRoutes,
  systemClock,
  type ListenAddress,
  type ServiceSurroundings,
} from '@sallyport/service-host';

import { composeDeployment, type Deployment } from './compose.js';
import type { StartConfig } from './config/start-config.js';
import { DecisionTail } from './decision-tail.js';
import { welcomeOwner } from './first-run/first-run.js';
import { holdPlanes } from './hold-planes.js';
import type { StartReporter } from './output/start-reporter.js';
import { tellMovedData } from './tell-moved-data.js';

/** What a start is given besides its configuration. */
export interface StartSurroundings extends ServiceSurroundings {
  readonly reporter: StartReporter;
  /** When the process began, of the monotonic clock. */
  readonly beganMs: number;
}

/** A running deployment; `stop` undoes the start, last part first. */
export interface RunningDeployment {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const READY_TIMEOUT_MS = 10_000;

/**
 * Brings the embedded deployment up, step by step; each step that holds something adds its undoing to the stop list.
 *
 * @throws {Fault} of `start` and `postgres` with a sentence that says what to do; nothing is left running then.
 */
export async function startDeployment(config: StartConfig, surroundings: StartSurroundings): Promise<RunningDeployment> {
  const stops = new StopList();
  try {
    const data = openDataFolder(config.dataFolder);
    stops.add('data folder', async () => data.release());
    const operatorFile = openOperatorFile(config.operatorFile, config.demo);
    const rootKey = openRootKey(config, RootKey.parse);
    const server = makeServer(config.tls);
    const door = routeRequests(server, startingRoutes('the deployment', { gateway: refuseCalls, controlPlane: refuseAdmin }));
    const address = await listen(server, config.listen);
    stops.add('listener', async () => void server.close());
    const url = baseUrl(config.tls === null ? 'http' : 'https', address);
    const databaseUrl = config.databaseUrl ?? (await openPostgres(config, surroundings, stops)).url;
    const tail = new DecisionTail();
    const deployment = await composeDeployment({
      databaseUrl,
      dataFolder: config.dataFolder,
      rootKey,
      operatorFile,
      server,
      explorer: isLoopback(address.host) && !config.behindProxy,
      gatewayUrl: (config.gatewayUrl ?? url).replace(/\/$/, ''),
      publicNames: publicNames(config, address),
      clock: systemClock,
      log: surroundings.log,
      seen: tail.take,
      fatal: surroundings.fatal,
    });
    holdPlanes(stops, deployment, server);
    await deployment.gateway.start();
    door.open({
      gateway: (request, response) => deployment.gateway.handle(request, response),
      controlPlane: deployment.controlPlane.handler,
      operations: (path) => answerOperations({ ready: () => missingIn(deployment), metrics: [deployment.metrics, deployment.controlPlane.metrics] }, path),
    });
    const { reporter } = surroundings;
    const fetch = ownFetch(config.tls);
    const firstRun = await welcomeOwner({ deployment, reporter, clock: systemClock, dataFolder: config.dataFolder, url, fetch, demo: config.demo });
    await untilReady(deployment);
    const elapsedMs = Math.round(performance.now() - surroundings.beganMs);
    reporter.ready({ url, graphqlUrl: `${url}/graphql`, gatewayUrl: config.gatewayUrl ?? url, dataDir: config.dataFolder, firstRun, elapsedMs });
    tail.showTo((decision) => reporter.decision(decision), deployment.gateway);
    return { url, stop: () => stops.run() };
  } catch (caught) {
    await stops.run().catch((failure: unknown) => surroundings.log.error({ err: failure }, 'what a failed start had begun did not stop'));
    throw diskFullFault(caught, config.dataFolder) ?? caught;
  }
}

async function openPostgres(config: StartConfig, surroundings: StartSurroundings, stops: StopList): Promise<RunningPostgres> {
  surroundings.reporter.step('Starting PostgreSQL');
  const postgres = await startPostgres({ dataFolder: config.dataFolder, database: 'sallyport' });
  stops.add('postgres', () => postgres.stop());
  if (postgres.movedTo !== undefined) tellMovedData(config.dataFolder, postgres.movedTo, surroundings);
  postgres.onExit(() => surroundings.fatal(new Error('The embedded PostgreSQL ended by itself: see its data folder and start again.')));
  return postgres;
}

/** Names under which clients may address the gateway, besides loopback. */
function publicNames(config: StartConfig, address: ListenAddress): readonly string[] {
  const outside = config.gatewayUrl === null ? [] : [new URL(config.gatewayUrl).hostname];
  return [address.host, ...outside];
}

async function untilReady(deployment: Deployment): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const missing = await missingIn(deployment);
    if (missing.length === 0) return;
    if (performance.now() > deadline) throw startFault.not_ready(`Not ready after ${READY_TIMEOUT_MS / 1000} s: ${missing.join('; ')}.`);
    await pause(20);
  }
}

async function missingIn({ controlPlane, gateway }: Deployment): Promise<readonly string[]> {
  return [...(await controlPlane.ready()), ...gateway.ready()];
}
