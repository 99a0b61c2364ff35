import { describe, expect, it } from 'vitest';

import { distributedConfig } from './distributed-config.js';

describe('configuration of a distributed start', () => {
  it('has two workers, and services of this machine, unless it is told otherwise', () => {
    expect(distributedConfig({}, {})).toMatchObject({ ok: true, value: { workers: 2, kafkaBrokers: null, redisUrl: null, databaseUrl: null } });
    const given = { KAFKA_BROKERS: 'k:9092', REDIS_URL: 'redis://r:6379', DATABASE_URL: 'postgres://d/s' };
    expect(distributedConfig({ workers: '4' }, given)).toMatchObject({ value: { workers: 4, kafkaBrokers: 'k:9092', redisUrl: 'redis://r:6379', databaseUrl: 'postgres://d/s' } });
  });

  it.each(['0', '65', '-1', 'many', '1.5', ''])('refuses %j workers', (workers) => {
    expect(distributedConfig({ workers }, {})).toEqual({ ok: false, refusal: ['--workers must be a number from 1 to 64.'] });
  });

  it('needs a port for each worker above its own', () => {
    expect(distributedConfig({ listen: '65534', workers: '2' }, {})).toMatchObject({ refusal: [expect.stringContaining('no ports above it')] });
  });

  it('says everything that is wrong at once', () => {
    expect(distributedConfig({ workers: 'x', listen: 'nowhere' }, { SALLYPORT_TYPO: '1' })).toMatchObject({ refusal: { length: 3 } });
  });
});
