import { RootKey } from '@sallyport/secrets-aes';
import { StopList, diskFullFault, openDataFolder, openOperatorFile, openRootKey, ownFetch, startFault, systemClock, type ServiceSurroundings } from '@sallyport/service-host';
import { openSigningKey, publicKeyText } from '@sallyport/signatures-ed25519';

import { demonstrate } from '../first-run/demonstrate.js';
import type { ReadyReport, RunningProcess, StartReporter } from '../output/start-reporter.js';
import type { ChildLine } from './child.js';
import { controlPlaneEnvironment } from './child-environment.js';
import { Crew } from './crew.js';
import type { DistributedConfig } from './distributed-config.js';
import { controlPlaneFolder, describeProcess, launchControlPlane, launchWorker, urlOf, type Launched } from './launch.js';
import { makeTopics, openServices } from './services.js';

/** What a distributed start is given besides its configuration. */
export interface DistributedSurroundings extends ServiceSurroundings {
  readonly reporter: StartReporter;
  /** When the process began, of the monotonic clock. */
  readonly beganMs: number;
}

/** Every process of a deployment that is up. */
interface Processes {
  readonly controlPlane: Launched;
  readonly workers: readonly Launched[];
  readonly services: readonly RunningProcess[];
}

const READY_TIMEOUT_MS = 90_000;

/**
 * Brings the distributed deployment up on this machine: services, workers, control plane, each a process of its own in this
 * one's group. One that ends by itself later is named, and the others go on.
 *
 * @throws {Fault} of `start`, `postgres` and `services` with a sentence that says what to do; nothing is left running then.
 */
export async function startDistributed(config: DistributedConfig, surroundings: DistributedSurroundings): Promise<{ stop(): Promise<void> }> {
  const stops = new StopList();
  try {
    const processes = await bringUp(config, surroundings, stops);
    await allReady([processes.controlPlane, ...processes.workers]);
    const firstRun = await welcomeOwner(config, surroundings.reporter, processes);
    surroundings.reporter.ready({ ...readyReport(config, processes), firstRun, elapsedMs: Math.round(performance.now() - surroundings.beganMs) });
    return { stop: () => stops.run() };
  } catch (caught) {
    await stops.run().catch((failure: unknown) => surroundings.log.error({ err: failure }, 'what a failed start had begun did not stop'));
    throw diskFullFault(caught, config.dataFolder) ?? caught;
  }
}

/** Workers listen before the control plane starts, because grants' URLs name the first of them. */
async function bringUp(config: DistributedConfig, { reporter, log }: DistributedSurroundings, stops: StopList): Promise<Processes> {
  const data = openDataFolder(config.dataFolder);
  stops.add('data folder', async () => data.release());
  openOperatorFile(config.operatorFile, config.demo);
  openRootKey(config, RootKey.parse);
  const trustKeys = publicKeyText(openSigningKey(controlPlaneFolder(config)).publicKey);
  const crew = new Crew(reporter);
  stops.add('warden', () => crew.dismiss());
  const { addresses, started: services } = await openServices({ config, reporter, log, stops, crew });
  await makeTopics(controlPlaneEnvironment(config, addresses, process.env));
  const parts = { config, addresses, trustKeys };
  const workers = Array.from({ length: config.workers }, (_, index) => launchWorker(parts, index + 1));
  stops.add('control plane', () => crew.stop('control-plane'));
  stops.add('workers', () => crew.stop('worker'));
  await Promise.all(workers.map((worker) => crew.take(worker, READY_TIMEOUT_MS)));
  const controlPlane = launchControlPlane(parts, config.gatewayUrl ?? firstUrl(workers));
  await crew.take(controlPlane, READY_TIMEOUT_MS);
  return { controlPlane, workers, services };
}

async function allReady(launched: readonly Launched[]): Promise<void> {
  await Promise.all(launched.map(({ child }) => child.until('ready', READY_TIMEOUT_MS)));
}

/** On the very first run shows the operator's token and makes the demonstration through the first worker. Whether it was one. */
async function welcomeOwner(config: DistributedConfig, reporter: StartReporter, { controlPlane, workers }: Processes): Promise<boolean> {
  const token = controlPlane.child.said('admin_token')?.['token'];
  if (typeof token !== 'string') return false;
  reporter.adminToken(token);
  if (!config.demo) return true;
  const registered = controlPlane.child.all('stdio_server').map(stdioOutcome);
  const fetch = ownFetch(config.tls);
  await demonstrate({ reporter, clock: systemClock, adminUrl: urlOf(controlPlane.child), gatewayUrl: firstUrl(workers), token, fetch, registered });
  return true;
}

function stdioOutcome(line: ChildLine): { readonly slug: string; readonly problem: string | null } {
  return { slug: String(line['slug']), problem: typeof line['problem'] === 'string' ? line['problem'] : null };
}

function readyReport(config: DistributedConfig, { controlPlane, workers, services }: Processes): Omit<ReadyReport, 'firstRun' | 'elapsedMs'> {
  const url = urlOf(controlPlane.child);
  return {
    url,
    graphqlUrl: `${url}/graphql`,
    gatewayUrl: config.gatewayUrl ?? firstUrl(workers),
    dataDir: config.dataFolder,
    workers: workers.map(({ name, child }) => ({ workerId: name, url: urlOf(child), pid: child.pid })),
    processes: [...[controlPlane, ...workers].map(describeProcess), ...services].map(({ role, pid }) => ({ role, pid })),
  };
}

function firstUrl([first]: readonly Launched[]): string {
  if (first === undefined) throw startFault.not_ready('There is no worker.');
  return urlOf(first.child);
}
