import { parseKafkaConfig, type KafkaConfig } from '@sallyport/broker-kafka';
import { ok, refuse, type Result } from '@sallyport/kernel';
import { readEnvironment, readProcessFlags, serviceConfig, type ServiceConfig } from '@sallyport/service-host';
import { parseTrustKeys } from '@sallyport/signatures-ed25519';

/** Everything a worker needs to know, typed and checked. */
export interface WorkerConfig extends ServiceConfig {
  /** Its name in `worker list`; null: made on the first start and kept in the data folder. */
  readonly workerId: string | null;
  /** Whether somebody named the operator's file, so that it must be there. */
  readonly isOperatorFileNamed: boolean;
  /** Public keys whose word it takes, 32 bytes each; at least one. */
  readonly trustKeys: readonly Uint8Array[];
  readonly kafka: KafkaConfig;
  /** Where calls are counted. */
  readonly redisUrl: string;
  /** Whether it stops when its stdin ends. */
  readonly stopsWithStdin: boolean;
}

const DEFAULT_LISTEN = '127.0.0.1:7401';
const WORKER_ID = /^[a-z0-9][a-z0-9.-]{0,62}$/;

/** Command line and environment → configuration, or every problem as a sentence that says what to do. */
export function workerConfig(argv: readonly string[], variables: NodeJS.ProcessEnv): Result<WorkerConfig, readonly string[]> {
  const flags = readProcessFlags(argv, ['worker-id']);
  if (!flags.ok) return refuse([flags.refusal]);
  const { environment, problems } = readEnvironment(variables);
  const service = serviceConfig(flags.value, environment, { listen: DEFAULT_LISTEN });
  const trust = trustKeysOf(environment.SALLYPORT_TRUST_KEYS);
  const workerId = flags.value.own['worker-id'] ?? null;
  const kafka = parseKafkaConfig(variables);
  const all = [...problems, ...service.problems, ...(trust.ok ? [] : trust.refusal), ...(kafka.ok ? [] : kafka.refusal)];
  if (environment.REDIS_URL === undefined) all.push('Set REDIS_URL to the Redis or Valkey in which all workers count.');
  if (environment.DATABASE_URL !== undefined) all.push('A worker has no business with the database: take DATABASE_URL out of its environment.');
  if (workerId !== null && !WORKER_ID.test(workerId)) all.push('--worker-id must be up to 63 lower-case letters, digits, dots and dashes.');
  if (service.config === undefined || !trust.ok || !kafka.ok || environment.REDIS_URL === undefined || all.length > 0) return refuse(all);
  return ok({
    ...service.config,
    workerId,
    isOperatorFileNamed: (flags.value.config ?? environment.SALLYPORT_CONFIG) !== undefined,
    trustKeys: trust.value,
    kafka: kafka.value,
    redisUrl: environment.REDIS_URL,
    stopsWithStdin: flags.value.stopWithStdin,
  });
}

function trustKeysOf(text: string | undefined): Result<readonly Uint8Array[], readonly string[]> {
  return text === undefined ? refuse(['Set SALLYPORT_TRUST_KEYS to the public key that the control plane prints, so that the worker knows whose word to take.']) : parseTrustKeys(text);
}
