import { describe, expect, it } from 'vitest';

import { controlPlaneEnvironment, RETURNING_MEMORY, workerEnvironment } from './child-environment.js';
import { distributedConfig, type DistributedConfig } from './distributed-config.js';

const addresses = { databaseUrl: 'postgres://u:p@d/s', kafkaBrokers: 'k:9092', redisUrl: 'redis://r:6379' };
const variables = { PATH: '/bin', SALLYPORT_LISTEN: '0', SALLYPORT_LOG: 'info', SALLYPORT_TOKEN: 't', DATABASE_URL: 'postgres://own', REDIS_URL: 'redis://own', KAFKA_SASL_PASSWORD: 'secret', KAFKA_TOPIC_PREFIX: 'p.' };

function configured(given: NodeJS.ProcessEnv = {}): DistributedConfig {
  const read = distributedConfig({ data: '/data' }, { SALLYPORT_LOG: 'info', ...given });
  if (!read.ok) throw new Error(read.refusal.join());
  return read.value;
}

describe('what launched processes are told', () => {
  it('is no database for workers, and no trust keys for the control plane', () => {
    const worker = workerEnvironment(configured(), addresses, 'ed25519:k', variables);
    expect(worker).toEqual({ ...RETURNING_MEMORY, PATH: '/bin', SALLYPORT_ROOT_KEY_FILE: '/data/root.key', SALLYPORT_LOG: 'info', KAFKA_TOPIC_PREFIX: 'p.', KAFKA_BROKERS: 'k:9092', REDIS_URL: addresses.redisUrl, SALLYPORT_TRUST_KEYS: 'ed25519:k' });
    const plane = controlPlaneEnvironment(configured(), addresses, variables);
    expect(plane).toMatchObject({ DATABASE_URL: addresses.databaseUrl, REDIS_URL: addresses.redisUrl });
    expect(plane).not.toHaveProperty('SALLYPORT_TRUST_KEYS');
  });

  it('is how to sign in to the operator’s Kafka, and not to the one of this machine', () => {
    expect(workerEnvironment(configured({ KAFKA_BROKERS: 'k:9092' }), addresses, 'k', variables)).toMatchObject({ KAFKA_SASL_PASSWORD: 'secret' });
    expect(workerEnvironment(configured(), addresses, 'k', variables)).not.toHaveProperty('KAFKA_SASL_PASSWORD');
  });

  it('is how a worker’s memory is given back, unless the operator says otherwise', () => {
    expect(workerEnvironment(configured(), addresses, 'k', { ...variables, MALLOC_ARENA_MAX: '4' })).toMatchObject({ ...RETURNING_MEMORY, MALLOC_ARENA_MAX: '4' });
    expect(controlPlaneEnvironment(configured(), addresses, variables)).not.toHaveProperty('MALLOC_ARENA_MAX');
  });

  it('is the root key as the operator gave it', () => {
    const given = workerEnvironment(configured({ SALLYPORT_ROOT_KEY: '00'.repeat(32) }), addresses, 'k', variables);
    expect(given).toMatchObject({ SALLYPORT_ROOT_KEY: '00'.repeat(32) });
    expect(given).not.toHaveProperty('SALLYPORT_ROOT_KEY_FILE');
  });
});
