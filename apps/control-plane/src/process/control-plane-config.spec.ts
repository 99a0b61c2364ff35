import { describe, expect, it } from 'vitest';

import { controlPlaneConfig } from './control-plane-config.js';

const needed = { DATABASE_URL: 'postgres://d/s', KAFKA_BROKERS: '127.0.0.1:9092' };

describe('configuration of a control plane of its own', () => {
  it('needs its database and its broker', () => {
    expect(controlPlaneConfig([], needed)).toMatchObject({ ok: true, value: { listen: { host: '127.0.0.1', port: 7400 }, databaseUrl: needed.DATABASE_URL, redisUrl: null, cliFolder: null } });
    expect(controlPlaneConfig([], {})).toMatchObject({ refusal: [expect.stringContaining('KAFKA_BROKERS'), expect.stringContaining('DATABASE_URL')] });
  });

  it('takes flags of its own and those that all processes take', () => {
    const flags = ['--cli-folder', '/data', '--listen', '0', '--stop-with-stdin', '--config', 'x.yaml'];
    expect(controlPlaneConfig(flags, needed)).toMatchObject({ value: { cliFolder: '/data', listen: { port: 0 }, stopsWithStdin: true, isOperatorFileNamed: true } });
    expect(controlPlaneConfig(['--worker-id', 'x'], needed)).toMatchObject({ refusal: [expect.stringContaining('The flags are')] });
  });
});
