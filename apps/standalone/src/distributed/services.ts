import { join } from 'node:path';

import { deploymentTopics } from '@sallyport/broker';
import { KafkaBroker, parseKafkaConfig } from '@sallyport/broker-kafka';
import { startPostgres } from '@sallyport/postgres-embedded';
import { startFault, type StopList } from '@sallyport/service-host';
import { startKafka, startRedis } from '@sallyport/services-local';
import type { Logger } from 'pino';

import type { StartReporter } from '../output/start-reporter.js';
import { tellMovedData } from '../tell-moved-data.js';
import type { ServiceAddresses } from './child-environment.js';
import type { Crew, CrewService } from './crew.js';
import type { DistributedConfig } from './distributed-config.js';

/** What services are brought up with. */
export interface ServiceParts {
  readonly config: DistributedConfig;
  readonly reporter: StartReporter;
  readonly log: Logger;
  readonly stops: StopList;
  readonly crew: Crew;
}

/** The services of a deployment: where they are, and those that were started here. */
export interface OpenedServices {
  readonly addresses: ServiceAddresses;
  readonly started: readonly CrewService[];
}

/** A service, the operator's or one that was started. */
interface Opened {
  readonly url: string;
  readonly started: CrewService | null;
}

/**
 * Starts the services that the operator does not bring, all at once.
 *
 * @throws {Fault} of `postgres` and `services`: the first that failed, once the others have come up or failed too, so that the
 *   stop list knows of all that runs.
 */
export async function openServices(parts: ServiceParts): Promise<OpenedServices> {
  const opened = await Promise.allSettled([openPostgres(parts), openKafka(parts), openRedis(parts)]);
  const [postgres, kafka, redis] = opened.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  }) as [Opened, Opened, Opened];
  const started = [kafka, postgres, redis].flatMap((service) => service.started ?? []);
  for (const service of started) parts.crew.takeService(service);
  return { addresses: { databaseUrl: postgres.url, kafkaBrokers: kafka.url, redisUrl: redis.url }, started };
}

/** Makes the topics before anybody follows them. @throws {Fault} of `broker`; `start.not_ready` with what is wrong with the variables. */
export async function makeTopics(variables: NodeJS.ProcessEnv): Promise<void> {
  const config = parseKafkaConfig(variables);
  if (!config.ok) throw startFault.not_ready(config.refusal.join(' '));
  const broker = new KafkaBroker({ config: config.value, clientId: 'sallyport-launcher' });
  await broker.ensureTopics(deploymentTopics(config.value.auditPartitions)).finally(() => broker.close());
}

async function openPostgres({ config, reporter, log, stops }: ServiceParts): Promise<Opened> {
  if (config.databaseUrl !== null) return { url: config.databaseUrl, started: null };
  reporter.step('Starting PostgreSQL');
  const postgres = await startPostgres({ dataFolder: config.dataFolder, database: 'sallyport' });
  stops.add('postgres', () => postgres.stop());
  if (postgres.movedTo !== undefined) tellMovedData(config.dataFolder, postgres.movedTo, { reporter, log });
  const { hostname, port } = new URL(postgres.url);
  return { url: postgres.url, started: { role: 'postgres', name: 'postgres', pid: postgres.pid, address: `${hostname}:${port}`, stopSignal: 'SIGINT', onExit: (listener) => postgres.onExit(listener) } };
}

async function openKafka({ config, reporter, stops }: ServiceParts): Promise<Opened> {
  if (config.kafkaBrokers !== null) return { url: config.kafkaBrokers, started: null };
  reporter.step('Starting Kafka');
  const kafka = await startKafka({ dataFolder: join(config.dataFolder, 'kafka') });
  stops.add('kafka', () => kafka.stop());
  const [node] = kafka.nodes;
  const started: CrewService | null = node === undefined ? null : { role: 'kafka', name: 'kafka', pid: node.pid, address: kafka.brokers, stopSignal: 'SIGTERM', onExit: (listener) => void node.gone().then(listener) };
  return { url: kafka.brokers, started };
}

async function openRedis({ config, reporter, stops }: ServiceParts): Promise<Opened> {
  if (config.redisUrl !== null) return { url: config.redisUrl, started: null };
  reporter.step('Starting Redis');
  const redis = await startRedis({ dataFolder: join(config.dataFolder, 'redis') });
  stops.add('redis', () => redis.stop());
  const { hostname, port } = new URL(redis.url);
  return { url: redis.url, started: { role: 'redis', name: 'redis', pid: redis.pid, address: `${hostname}:${port}`, stopSignal: 'SIGTERM', onExit: (listener) => void redis.gone().then(listener) } };
}
