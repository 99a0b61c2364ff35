import { resolve } from 'node:path';

import type { StartFlags } from '@sallyport/cli';
import { ok, refuse, type Result } from '@sallyport/kernel';

import { readEnvironment } from './environment.js';
import { isLoopback, parseListenAddress, type ListenAddress } from './listen-address.js';

/** TLS of the listener: files in PEM. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Everything a start needs to know, typed and checked. */
export interface StartConfig {
  readonly listen: ListenAddress;
  readonly tls: TlsFiles | null;
  readonly behindProxy: boolean;
  readonly dataFolder: string;
  readonly operatorFile: string;
  readonly json: boolean;
  readonly demo: boolean;
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
  /** The key itself, or the file it is in; both null: made in the data folder. */
  readonly rootKey: string | null;
  readonly rootKeyFile: string | null;
  /** A PostgreSQL of the operator's own; null: the embedded one. */
  readonly databaseUrl: string | null;
  /** Base of grants' URLs, where it is not the listener itself. */
  readonly gatewayUrl: string | null;
}

const DEFAULT_LISTEN = '127.0.0.1:7400';

/** Flags and environment → configuration, or every problem as a sentence that says what to do. */
export function startConfig(flags: StartFlags, variables: NodeJS.ProcessEnv): Result<StartConfig, readonly string[]> {
  const { environment, problems: found } = readEnvironment(variables);
  const problems = [...found];
  const listen = parseListenAddress(flags.listen ?? environment.SALLYPORT_LISTEN ?? DEFAULT_LISTEN);
  if (listen === undefined) problems.push('--listen (SALLYPORT_LISTEN) must be host:port, such as 127.0.0.1:7400; port 0 picks a free one.');
  const tls = flags.tlsCert !== undefined && flags.tlsKey !== undefined ? { certFile: flags.tlsCert, keyFile: flags.tlsKey } : null;
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined)) problems.push('--tls-cert and --tls-key belong together: give both files.');
  const behindProxy = flags.behindProxy ?? false;
  if (listen !== undefined && !isLoopback(listen.host) && tls === null && !behindProxy) {
    problems.push(`Listening on ${listen.host} is open to the network: give --tls-cert and --tls-key, or --behind-proxy where a proxy ends TLS.`);
  }
  if (flags.gatewayUrl !== undefined && !/^https?:\/\//.test(flags.gatewayUrl)) problems.push('--gateway-url must be an http or https URL.');
  if (listen === undefined || problems.length > 0) return refuse(problems);
  return ok({
    listen,
    tls,
    behindProxy,
    dataFolder: resolve(flags.data ?? environment.SALLYPORT_DATA ?? '.sallyport'),
    operatorFile: resolve(flags.config ?? environment.SALLYPORT_CONFIG ?? 'sallyport.yaml'),
    json: flags.json ?? false,
    demo: flags.demo ?? true,
    logLevel: logLevel(environment.SALLYPORT_LOG),
    rootKey: environment.SALLYPORT_ROOT_KEY ?? null,
    rootKeyFile: environment.SALLYPORT_ROOT_KEY_FILE ?? null,
    databaseUrl: environment.DATABASE_URL ?? null,
    gatewayUrl: flags.gatewayUrl ?? environment.SALLYPORT_GATEWAY_URL ?? null,
  });
}

function logLevel(given: string | undefined): StartConfig['logLevel'] {
  return given === 'error' || given === 'info' || given === 'debug' ? given : 'warn';
}
