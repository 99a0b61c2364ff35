import type { Server } from 'node:http';

import { deploymentTopics } from '@sallyport/broker';
import { KafkaBroker } from '@sallyport/broker-kafka';
import { AesSecretBox, HmacKeyedHashes, HmacRecordMac, RootKey } from '@sallyport/secrets-aes';
import {
  StopList,
  answerOperations,
  baseUrl,
  diskFullFault,
  isLoopback,
  listen,
  makeServer,
  openDataFolder,
  openRootKey,
  readOperatorFile,
  routeRequests,
  startingRoutes,
  systemClock,
  type ServiceSurroundings,
} from '@sallyport/service-host';
import { Ed25519TrustedKeys, openAuditKeys, openSigningKey, publicKeyText } from '@sallyport/signatures-ed25519';
import { Registry, collectDefaultMetrics } from 'prom-client';

import { buildControlPlane } from '../build-control-plane.js';
import type { ControlPlane } from '../control-plane.js';
import { refuseStarting } from '../platform/http/refuse-starting.js';
import type { ControlPlaneConfig } from './control-plane-config.js';
import { FileHeadMemory } from '../slices/audit/sign/file-head-memory.js';
import { keepAdminToken } from './keep-admin-token.js';
import { keepCountersSeeded } from './keep-counters-seeded.js';
import { upstreamInspector } from './upstream-inspector.js';

/** What a start is given besides its configuration. */
export interface ControlPlaneSurroundings extends ServiceSurroundings {
  /** Tells whoever started the process: a line for a script, a sentence for a person. */
  readonly say: (line: object, sentence: string) => void;
  /** When the process began, of the monotonic clock. */
  readonly beganMs: number;
}

/** The process's one address, and what to tell it once the control plane is there. */
interface Listening {
  readonly server: Server;
  readonly url: string;
  open(plane: ControlPlane): void;
}

/**
 * Brings a control plane up beside any number of others, step by step; each step that holds something adds its undoing to the
 * stop list. One of them at a time leads: it publishes changes, stamps and snapshots.
 *
 * @throws {Fault} of `start`, `broker`, `secrets` with a sentence that says what to do; nothing is left running then.
 */
export async function startControlPlane(config: ControlPlaneConfig, surroundings: ControlPlaneSurroundings): Promise<{ stop(): Promise<void> }> {
  const stops = new StopList();
  try {
    await bringUp(config, surroundings, stops);
    return { stop: () => stops.run() };
  } catch (caught) {
    await stops.run().catch((failure: unknown) => surroundings.log.error({ err: failure }, 'what a failed start had begun did not stop'));
    throw diskFullFault(caught, config.dataFolder) ?? caught;
  }
}

async function bringUp(config: ControlPlaneConfig, { log, say, beganMs }: ControlPlaneSurroundings, stops: StopList): Promise<void> {
  const data = openDataFolder(config.dataFolder);
  stops.add('data folder', async () => data.release());
  const operatorFile = readOperatorFile(config.operatorFile, config.isOperatorFileNamed);
  const rootKey = openRootKey(config, RootKey.parse);
  const signer = openSigningKey(config.dataFolder);
  const door = await listenStarting(config, stops);
  const trustKey = publicKeyText(signer.publicKey);
  say({ event: 'listening', role: 'control-plane', url: door.url, pid: process.pid, trustKey }, `Control plane on ${door.url}; workers trust it by SALLYPORT_TRUST_KEYS=${trustKey}`);
  const broker = new KafkaBroker({ config: config.kafka, clientId: 'sallyport-control-plane' });
  stops.add('broker', () => broker.close());
  await broker.ensureTopics(deploymentTopics(config.kafka.auditPartitions));
  const plane = await buildControlPlane({
    databaseUrl: config.databaseUrl,
    secretBox: new AesSecretBox(rootKey),
    hashes: new HmacKeyedHashes(rootKey),
    auditSigning: { keys: openAuditKeys(config.dataFolder), heads: new FileHeadMemory(config.dataFolder) },
    operatorFile,
    clock: systemClock,
    log,
    server: door.server,
    explorer: isLoopback(config.listen.host) && !config.behindProxy,
    gatewayUrl: (config.gatewayUrl ?? door.url).replace(/\/$/, ''),
    inspect: upstreamInspector(operatorFile),
    stream: { broker, signer, verifier: new Ed25519TrustedKeys([signer.publicKey]), mac: new HmacRecordMac(rootKey) },
  });
  stops.add('connections', async () => door.server.closeAllConnections());
  stops.add('control plane', () => plane.close());
  stops.add('new connections', async () => {
    door.server.close();
    door.server.closeIdleConnections();
  });
  await keepCountersSeeded({ redisUrl: config.redisUrl, plane, log, stops });
  const firstRun = await welcome(config, plane, { say, url: door.url });
  door.open(plane);
  const elapsedMs = Math.round(performance.now() - beganMs);
  say({ event: 'ready', role: 'control-plane', url: door.url, graphqlUrl: `${door.url}/graphql`, pid: process.pid, firstRun, elapsedMs }, `Control plane ready after ${(elapsedMs / 1000).toFixed(1)} s`);
}

/** Listens, and says that the control plane is starting until it is opened. */
async function listenStarting({ tls, listen: at }: ControlPlaneConfig, stops: StopList): Promise<Listening> {
  const server = makeServer(tls);
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const door = routeRequests(server, startingRoutes('the control plane', { controlPlane: refuseStarting }, [metrics]));
  const address = await listen(server, at);
  stops.add('listener', async () => void server.close());
  return {
    server,
    url: baseUrl(tls === null ? 'http' : 'https', address),
    open: (plane) =>
      door.open({
        controlPlane: (request, response) => plane.handler(request, response),
        operations: (path) => answerOperations({ ready: () => plane.ready(), metrics: [metrics, plane.metrics] }, path),
      }),
  };
}

/** The owner's token, and the servers of the operator's file. Whether this was the deployment's first run. */
async function welcome(config: ControlPlaneConfig, { bootstrap }: ControlPlane, { say, url }: { readonly say: ControlPlaneSurroundings['say']; readonly url: string }): Promise<boolean> {
  const folder = config.cliFolder ?? config.dataFolder;
  const first = await keepAdminToken({ bootstrap, clock: systemClock, folder, url, ...(config.gatewayUrl === null ? {} : { gatewayUrl: config.gatewayUrl }), renews: config.cliFolder !== null });
  if (first !== null) say({ event: 'admin_token', token: first.token }, `Admin token (shown once, kept in ${folder}/cli.json): ${first.token}`);
  for (const { slug, problem } of await bootstrap.registerStdioServers()) {
    say({ event: 'stdio_server', slug, problem }, problem === null ? `Server ${slug} is there` : `Server ${slug} cannot be used: ${problem}`);
  }
  return first !== null;
}
