import { join } from 'node:path';

import type { DistributedConfig } from './distributed-config.js';

/** Where the services of a deployment are. URLs carry passwords: they go into environments, never into arguments or logs. */
export interface ServiceAddresses {
  readonly databaseUrl: string;
  readonly kafkaBrokers: string;
  readonly redisUrl: string;
}

/** Variables that say where something is or who may use it: each process gets those that it needs, and no others. */
const OURS = /^(SALLYPORT_|DATABASE_URL$|REDIS_URL$|KAFKA_)/;

/**
 * How glibc's allocator gives memory back: one arena, and what is large mapped by itself. Reading a large deployment's snapshots leaves 25 MiB
 * between small pieces otherwise, for good. Other allocators take no notice; whoever starts a process may say otherwise.
 * Source: mallopt(3).
 */
export const RETURNING_MEMORY = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' } as const;

/** What a control plane is given: the database, no trust keys. */
export function controlPlaneEnvironment(config: DistributedConfig, addresses: ServiceAddresses, variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...sharedEnvironment(config, addresses, variables), DATABASE_URL: addresses.databaseUrl, REDIS_URL: addresses.redisUrl };
}

/** What a worker is given: whose word to take, and no way to the database. */
export function workerEnvironment(config: DistributedConfig, addresses: ServiceAddresses, trustKeys: string, variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...RETURNING_MEMORY, ...sharedEnvironment(config, addresses, variables), REDIS_URL: addresses.redisUrl, SALLYPORT_TRUST_KEYS: trustKeys };
}

function sharedEnvironment(config: DistributedConfig, { kafkaBrokers }: ServiceAddresses, variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const plain = Object.fromEntries(Object.entries(variables).filter(([name]) => !OURS.test(name)));
  const rootKey = config.rootKey === null ? { SALLYPORT_ROOT_KEY_FILE: config.rootKeyFile ?? join(config.dataFolder, 'root.key') } : { SALLYPORT_ROOT_KEY: config.rootKey };
  return { ...plain, ...rootKey, ...kafkaAccess(config, variables), SALLYPORT_LOG: config.logLevel, KAFKA_BROKERS: kafkaBrokers };
}

/** How to sign in to the operator's Kafka; the one of this machine takes anybody. */
function kafkaAccess(config: DistributedConfig, variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const access = /^KAFKA_(SASL|TLS)_/;
  const ours = Object.entries(variables).filter(([name]) => name.startsWith('KAFKA_') && (config.kafkaBrokers !== null || !access.test(name)));
  return Object.fromEntries(ours);
}
