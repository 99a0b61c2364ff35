import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import {
  StopList,
  answerOperations,
  baseUrl,
  diskFullFault,
  listen,
  makeServer,
  openDataFolder,
  routeRequests,
  startingRoutes,
  type ServiceSurroundings,
} from '@sallyport/service-host';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';

import { refuseStarting } from '../http/refuse-starting.js';
import { boundHeapGrowth } from './bound-heap.js';
import { composeWorker, type Worker } from './compose-worker.js';
import type { WorkerConfig } from './worker-config.js';
import { openWorkerId } from './worker-id.js';

/** What a start is given besides its configuration. */
export interface WorkerSurroundings extends ServiceSurroundings {
  /** Tells whoever started the process: a line for a script, a sentence for a person. */
  readonly say: (line: object, sentence: string) => void;
  /** When the process began, of the monotonic clock. */
  readonly beganMs: number;
}

/** How long a stop waits for the broker to take what the journal still holds, milliseconds; the rest is shipped by the next start. */
const SHIP_MS = 3_000;
/** How often what is missing is logged while it is not ready, milliseconds. */
const SAY_MISSING_MS = 10_000;
const LOOK_MS = 20;

/**
 * Brings a worker up, step by step; each step that holds something adds its undoing to the stop list. It listens and says where;
 * then it reads its state from the broker, and says that it is ready once that is fresh, however long the broker takes.
 *
 * @throws {Fault} of `start` and `journal_file` with a sentence that says what to do; nothing is left running then.
 */
export async function startWorker(config: WorkerConfig, surroundings: WorkerSurroundings): Promise<{ stop(): Promise<void> }> {
  boundHeapGrowth();
  const stops = new StopList();
  try {
    await bringUp(config, surroundings, stops);
    return { stop: () => stops.run() };
  } catch (caught) {
    await stops.run().catch((failure: unknown) => surroundings.log.error({ err: failure }, 'what a failed start had begun did not stop'));
    throw diskFullFault(caught, config.dataFolder) ?? caught;
  }
}

async function bringUp(config: WorkerConfig, surroundings: WorkerSurroundings, stops: StopList): Promise<void> {
  const data = openDataFolder(config.dataFolder);
  stops.add('data folder', async () => data.release());
  const workerId = openWorkerId(config.dataFolder, config.workerId, uuidv7);
  const server = makeServer(config.tls);
  const door = routeRequests(server, startingRoutes('the worker', { gateway: refuseStarting }));
  const address = await listen(server, config.listen);
  stops.add('listener', async () => void server.close());
  const outside = config.gatewayUrl === null ? [] : [new URL(config.gatewayUrl).hostname];
  const worker = await composeWorker({ ...surroundings, config, workerId, publicNames: [address.host, ...outside], stops });
  holdWorker(stops, worker, server);
  door.open({
    gateway: (request, response) => worker.gateway.handle(request, response),
    operations: (path) => answerOperations({ ready: async () => worker.gateway.ready(), metrics: [worker.metrics] }, path),
  });
  const line = { role: 'worker', workerId, url: baseUrl(config.tls === null ? 'http' : 'https', address), pid: process.pid };
  surroundings.say({ event: 'listening', ...line }, `Worker ${workerId} on ${line.url}`);
  void worker.gateway.start().catch(surroundings.fatal);
  void sayWhenReady(worker, surroundings, line);
}

/** Adds the undoing of a worker: no new connections, calls in flight finish, and only then what they need is closed. */
function holdWorker(stops: StopList, { gateway, journal }: Worker, server: Server): void {
  stops.add('connections', async () => server.closeAllConnections());
  stops.add('journal', () => journal.close());
  const shipped = (): Promise<void> => journal.drained().catch(() => undefined); // what is not shipped stays in the folder, for the next start
  stops.add('shipping', () => Promise.race([shipped(), pause(SHIP_MS, undefined, { ref: false })]));
  stops.add('gateway', () => gateway.stop());
  stops.add('new connections', async () => {
    server.close();
    server.closeIdleConnections();
  });
}

async function sayWhenReady({ gateway }: Worker, { log, say, beganMs }: WorkerSurroundings, line: { readonly workerId: string }): Promise<void> {
  let sayAtMs = performance.now() + SAY_MISSING_MS;
  for (let missing = gateway.ready(); missing.length > 0; missing = gateway.ready()) {
    if (gateway.status().state === 'stopped') return;
    if (performance.now() > sayAtMs) sayAtMs = sayMissing(log, missing);
    await pause(LOOK_MS, undefined, { ref: false });
  }
  const elapsedMs = Math.round(performance.now() - beganMs);
  say({ event: 'ready', ...line, elapsedMs }, `Worker ${line.workerId} ready after ${(elapsedMs / 1000).toFixed(1)} s`);
}

function sayMissing(log: Logger, missing: readonly string[]): number {
  log.warn({ event: 'worker.not_ready', missing }, 'the worker is not ready yet');
  return performance.now() + SAY_MISSING_MS;
}
