import { Ed25519Signer, publicKeyText } from '@sallyport/signatures-ed25519';
import { describe, expect, it } from 'vitest';

import { workerConfig } from './worker-config.js';

const key = publicKeyText(Ed25519Signer.generate().publicKey);
const needed = { REDIS_URL: 'redis://127.0.0.1:6379', SALLYPORT_TRUST_KEYS: key, KAFKA_BROKERS: '127.0.0.1:9092' };
const problemsOf = (argv: readonly string[], variables: NodeJS.ProcessEnv): readonly string[] => {
  const read = workerConfig(argv, variables);
  return read.ok ? [] : read.refusal;
};

describe('configuration of a worker', () => {
  it('listens one above the control plane, and makes itself a name, unless told otherwise', () => {
    expect(workerConfig([], needed)).toMatchObject({ ok: true, value: { listen: { host: '127.0.0.1', port: 7401 }, workerId: null, isOperatorFileNamed: false, stopsWithStdin: false } });
    expect(workerConfig(['--worker-id', 'w-1', '--config', 'x.yaml'], needed)).toMatchObject({ value: { workerId: 'w-1', isOperatorFileNamed: true } });
  });

  it('says everything that is missing at once', () => {
    expect(problemsOf([], { KAFKA_BROKERS: 'k:9092' })).toEqual([expect.stringContaining('SALLYPORT_TRUST_KEYS'), expect.stringContaining('REDIS_URL')]);
  });

  it('takes no database credentials', () => {
    expect(problemsOf([], { ...needed, DATABASE_URL: 'postgres://d/s' })).toEqual([expect.stringContaining('take DATABASE_URL out')]);
  });

  it('takes no trust keys that are none, and no name that others could not read', () => {
    expect(problemsOf([], { ...needed, SALLYPORT_TRUST_KEYS: 'ed25519:x' })).toEqual([expect.stringContaining('is not a public key')]);
    expect(problemsOf(['--worker-id', 'a b'], needed)).toEqual([expect.stringContaining('--worker-id')]);
  });
});
