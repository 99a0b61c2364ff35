import type { StartFlags } from '@sallyport/cli';
import { ok, refuse, type Result } from '@sallyport/kernel';
import { readEnvironment, serviceConfig, type ServiceConfig } from '@sallyport/service-host';

/** Everything a start needs to know, typed and checked. */
export interface StartConfig extends ServiceConfig {
  readonly demo: boolean;
  /** A PostgreSQL of the operator's own; null: the embedded one. */
  readonly databaseUrl: string | null;
}

const DEFAULT_LISTEN = '127.0.0.1:7400';

/** Flags and environment → configuration, or every problem as a sentence that says what to do. */
export function startConfig(flags: StartFlags, variables: NodeJS.ProcessEnv): Result<StartConfig, readonly string[]> {
  const { environment, problems } = readEnvironment(variables);
  const read = serviceConfig(flags, environment, { listen: DEFAULT_LISTEN });
  const all = [...problems, ...read.problems];
  if (read.config === undefined || all.length > 0) return refuse(all);
  return ok({ ...read.config, demo: flags.demo ?? true, databaseUrl: environment.DATABASE_URL ?? null });
}
