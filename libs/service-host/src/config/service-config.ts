import { resolve } from 'node:path';

import type { Environment } from './environment.js';
import { isLoopback, parseListenAddress, type ListenAddress } from './listen-address.js';

/** TLS of the listener: files in PEM. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Flags that every long-running process takes. A flag wins over its variable. */
export interface ServiceFlags {
  readonly listen?: string;
  readonly data?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly behindProxy?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly gatewayUrl?: string;
}

/** What every long-running process needs to know, typed and checked. */
export interface ServiceConfig {
  readonly listen: ListenAddress;
  readonly tls: TlsFiles | null;
  readonly behindProxy: boolean;
  readonly dataFolder: string;
  readonly operatorFile: string;
  readonly json: boolean;
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
  /** The key itself, or the file it is in; both null: made in the data folder. */
  readonly rootKey: string | null;
  readonly rootKeyFile: string | null;
  /** Base of grants' URLs, where it is not the listener itself. */
  readonly gatewayUrl: string | null;
}

/** The configuration as far as it could be read, and a sentence that says what to do for each thing that is wrong. */
export interface ServiceConfigRead {
  /** Undefined when `problems` keep it from being one. */
  readonly config: ServiceConfig | undefined;
  readonly problems: readonly string[];
}

/** Flags and environment → configuration. `listen`: the address where neither says one. */
export function serviceConfig(flags: ServiceFlags, environment: Environment, defaults: { readonly listen: string }): ServiceConfigRead {
  const listen = parseListenAddress(flags.listen ?? environment.SALLYPORT_LISTEN ?? defaults.listen);
  const problems = problemsOf(flags, listen);
  if (listen === undefined || problems.length > 0) return { config: undefined, problems };
  const config: ServiceConfig = {
    listen,
    tls: tlsOf(flags),
    behindProxy: flags.behindProxy ?? false,
    dataFolder: resolve(flags.data ?? environment.SALLYPORT_DATA ?? '.sallyport'),
    operatorFile: resolve(flags.config ?? environment.SALLYPORT_CONFIG ?? 'sallyport.yaml'),
    json: flags.json ?? false,
    logLevel: logLevel(environment.SALLYPORT_LOG),
    rootKey: environment.SALLYPORT_ROOT_KEY ?? null,
    rootKeyFile: environment.SALLYPORT_ROOT_KEY_FILE ?? null,
    gatewayUrl: flags.gatewayUrl ?? environment.SALLYPORT_GATEWAY_URL ?? null,
  };
  return { config, problems };
}

function problemsOf(flags: ServiceFlags, listen: ListenAddress | undefined): readonly string[] {
  const problems: string[] = [];
  if (listen === undefined) problems.push('--listen (SALLYPORT_LISTEN) must be host:port, such as 127.0.0.1:7400; port 0 picks a free one.');
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined)) problems.push('--tls-cert and --tls-key belong together: give both files.');
  if (listen !== undefined && !isLoopback(listen.host) && tlsOf(flags) === null && flags.behindProxy !== true) {
    problems.push(`Listening on ${listen.host} is open to the network: give --tls-cert and --tls-key, or --behind-proxy where a proxy ends TLS.`);
  }
  if (flags.gatewayUrl !== undefined && !/^https?:\/\//.test(flags.gatewayUrl)) problems.push('--gateway-url must be an http or https URL.');
  return problems;
}

function tlsOf({ tlsCert, tlsKey }: ServiceFlags): TlsFiles | null {
  return tlsCert === undefined || tlsKey === undefined ? null : { certFile: tlsCert, keyFile: tlsKey };
}

function logLevel(given: string | undefined): ServiceConfig['logLevel'] {
  return given === 'error' || given === 'info' || given === 'debug' ? given : 'warn';
}
