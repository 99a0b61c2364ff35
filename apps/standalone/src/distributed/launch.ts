import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { RunningProcess } from '../output/start-reporter.js';
import { Child } from './child.js';
import { controlPlaneEnvironment, workerEnvironment, type ServiceAddresses } from './child-environment.js';
import type { DistributedConfig } from './distributed-config.js';

/** What processes of ours are launched with. */
export interface LaunchParts {
  readonly config: DistributedConfig;
  readonly addresses: ServiceAddresses;
  /** The control plane's public key, as `SALLYPORT_TRUST_KEYS` takes it. */
  readonly trustKeys: string;
}

/** A control plane or a worker that was launched. */
export interface Launched {
  readonly role: 'control-plane' | 'worker';
  readonly name: string;
  readonly child: Child;
}

const CONTROL_PLANE = fileURLToPath(import.meta.resolve('@sallyport/control-plane/main'));
const WORKER = fileURLToPath(import.meta.resolve('@sallyport/gateway/main'));

/** The folder of the control plane, made with it: its signing key is there. */
export function controlPlaneFolder({ dataFolder }: Pick<DistributedConfig, 'dataFolder'>): string {
  const folder = join(dataFolder, 'control-plane');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Starts the control plane on the deployment's own address. `gatewayUrl` is the base of grants' URLs. */
export function launchControlPlane({ config, addresses }: LaunchParts, gatewayUrl: string): Launched {
  const args = [...sharedArguments(config, 0, controlPlaneFolder(config)), '--gateway-url', gatewayUrl, '--cli-folder', config.dataFolder];
  const env = controlPlaneEnvironment(config, addresses, process.env);
  return { role: 'control-plane', name: 'control-plane', child: Child.start({ name: 'control plane', script: CONTROL_PLANE, args, env }) };
}

/** Starts worker 1, 2, 3 …, each on the port that many above the control plane's. */
export function launchWorker({ config, addresses, trustKeys }: LaunchParts, number: number): Launched {
  const name = `worker-${number}`;
  const gatewayUrl = config.gatewayUrl === null ? [] : ['--gateway-url', config.gatewayUrl];
  const args = [...sharedArguments(config, number, join(config.dataFolder, 'workers', name)), ...gatewayUrl, '--worker-id', name];
  return { role: 'worker', name, child: Child.start({ name, script: WORKER, args, env: workerEnvironment(config, addresses, trustKeys, process.env) }) };
}

/** What is told of a process once its address is known. */
export function describeProcess({ role, name, child }: Launched): RunningProcess {
  return { role, name, pid: child.pid, address: urlOf(child) };
}

/** Where a process that listens said that it is. */
export function urlOf(child: Child): string {
  return String(child.said('listening')?.['url']);
}

function sharedArguments({ listen, tls, behindProxy, operatorFile }: DistributedConfig, above: number, folder: string): readonly string[] {
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return [
    ...['--listen', `${host}:${listen.port === 0 ? 0 : listen.port + above}`],
    ...['--data', folder, '--config', operatorFile],
    ...(tls === null ? [] : ['--tls-cert', tls.certFile, '--tls-key', tls.keyFile]),
    ...(behindProxy ? ['--behind-proxy'] : []),
  ];
}
