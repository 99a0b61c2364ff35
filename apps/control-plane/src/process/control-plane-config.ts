import { parseKafkaConfig, type KafkaConfig } from '@sallyport/broker-kafka';
import { ok, refuse, type Result } from '@sallyport/kernel';
import { readEnvironment, readProcessFlags, serviceConfig, type ServiceConfig } from '@sallyport/service-host';

/** Everything a control plane in a process of its own needs to know, typed and checked. */
export interface ControlPlaneConfig extends ServiceConfig {
  /** Whether somebody named the operator's file, so that it must be there. */
  readonly isOperatorFileNamed: boolean;
  readonly databaseUrl: string;
  readonly kafka: KafkaConfig;
  /** Where workers count; null: their counters are not restored from here. */
  readonly redisUrl: string | null;
  /** A folder whose `cli.json` is kept usable; null: only the first run's token is written, into the data folder. */
  readonly cliFolder: string | null;
  /** Whether it stops when its stdin ends. */
  readonly stopsWithStdin: boolean;
}

const DEFAULT_LISTEN = '127.0.0.1:7400';

/** Command line and environment → configuration, or every problem as a sentence that says what to do. */
export function controlPlaneConfig(argv: readonly string[], variables: NodeJS.ProcessEnv): Result<ControlPlaneConfig, readonly string[]> {
  const flags = readProcessFlags(argv, ['cli-folder']);
  if (!flags.ok) return refuse([flags.refusal]);
  const { environment, problems } = readEnvironment(variables);
  const service = serviceConfig(flags.value, environment, { listen: DEFAULT_LISTEN });
  const kafka = parseKafkaConfig(variables);
  const all = [...problems, ...service.problems, ...(kafka.ok ? [] : kafka.refusal)];
  const databaseUrl = environment.DATABASE_URL;
  if (databaseUrl === undefined) all.push('Set DATABASE_URL to the PostgreSQL that all control planes share.');
  if (service.config === undefined || databaseUrl === undefined || !kafka.ok || all.length > 0) return refuse(all);
  return ok({
    ...service.config,
    isOperatorFileNamed: (flags.value.config ?? environment.SALLYPORT_CONFIG) !== undefined,
    databaseUrl,
    kafka: kafka.value,
    redisUrl: environment.REDIS_URL ?? null,
    cliFolder: flags.value.own['cli-folder'] ?? null,
    stopsWithStdin: flags.value.stopWithStdin,
  });
}
