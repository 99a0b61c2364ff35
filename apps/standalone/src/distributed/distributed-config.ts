import type { StartFlags } from '@sallyport/cli';
import { ok, refuse, type Result } from '@sallyport/kernel';
import { readEnvironment } from '@sallyport/service-host';

import { startConfig, type StartConfig } from '../config/start-config.js';

/** Flags of `start:distributed`: those of `start`, and how many workers. */
export interface DistributedFlags extends StartFlags {
  readonly workers?: string;
}

/** Everything a distributed start needs to know. */
export interface DistributedConfig extends StartConfig {
  /** From 1 to 64. */
  readonly workers: number;
  /** A Kafka of the operator's own, as `KAFKA_BROKERS` names it; null: one of this machine is started. */
  readonly kafkaBrokers: string | null;
  /** A Redis of the operator's own; null: one of this machine is started. */
  readonly redisUrl: string | null;
}

const DEFAULT_WORKERS = '2';
const MOST_WORKERS = 64;

/** Flags and environment → configuration, or every problem as a sentence that says what to do. */
export function distributedConfig(flags: DistributedFlags, variables: NodeJS.ProcessEnv): Result<DistributedConfig, readonly string[]> {
  const start = startConfig(flags, variables);
  const { environment } = readEnvironment(variables);
  const text = flags.workers ?? DEFAULT_WORKERS;
  const workers = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  const problems = [...(start.ok ? [] : start.refusal)];
  if (workers < 1 || workers > MOST_WORKERS) problems.push(`--workers must be a number from 1 to ${MOST_WORKERS}.`);
  if (start.ok && start.value.listen.port + workers > 65_535) problems.push('--listen leaves no ports above it for the workers.');
  if (!start.ok || problems.length > 0) return refuse(problems);
  return ok({ ...start.value, workers, kafkaBrokers: variables['KAFKA_BROKERS'] ?? null, redisUrl: environment.REDIS_URL ?? null });
}
