import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { Kafka, logLevel, type SASLOptions } from 'kafkajs';

import { freePorts, type ChildService } from './child-service.js';
import { KAFKA_INSTEAD, KafkaNode } from './kafka-node.js';
import type { KafkaPorts, KafkaSecurity } from './kafka-properties.js';
import { mavenJars } from './maven-jars.js';

/** How a cluster is started. */
export interface KafkaOptions {
  /** Where the nodes keep their data; the cluster goes on where it was when it is started there again, on the same ports. */
  readonly dataFolder: string;
  /** How many nodes; 1 unless said. With three every record has three copies, and two suffice to go on. */
  readonly nodes?: number;
  /** Makes clients prove who they are; without it everybody on this machine may do everything. */
  readonly security?: KafkaSecurity;
  /** The port of a proxy on this machine, for tests that come between: the first node gets a listener whose clients are sent there. Only without security. */
  readonly proxyPort?: number;
}

/** A cluster of this machine that answers. */
export interface RunningKafka {
  /** What `KAFKA_BROKERS` takes: without security for everybody, with it for users of the nodes' own listener only. */
  readonly brokers: string;
  /** The secured listeners of the nodes: TLS with SASL, and TLS with the client's certificate. Empty without security. */
  readonly secured: string;
  readonly mutual: string;
  readonly nodes: readonly KafkaNode[];
  /** Where the proxy has to lead; 0 without one. */
  readonly behindProxy: number;
  /** Starts a node again that was crashed or stopped; resolves when it answers. */
  restart(nodeId: number): Promise<void>;
  /** Stops every node; resolves when all are gone. Data stays. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

/**
 * Starts a Kafka cluster as processes of this machine, on loopback; resolves when it answers a metadata request with all its nodes.
 *
 * @throws {Fault} `services.cannot_be_had` with what to install, `services.start_failed` with the last lines of output.
 */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const jars = await mavenJars('kafka', KAFKA_INSTEAD);
  const security = options.security ?? null;
  const cluster = await choosePorts(options.nodes ?? 1, options.proxyPort);
  mkdirSync(options.dataFolder, { recursive: true });
  const nodes = cluster.map((_, index) => KafkaNode.prepare({ nodeId: index + 1, data: join(resolve(options.dataFolder), `node-${index + 1}`), cluster, security }, jars));
  const brokers = addresses(cluster, 'internal');
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())));
  const started = nodes.map((node) => node.start());
  try {
    await Promise.all(started.map((service) => untilComplete(service, { brokers, count: nodes.length, security })));
  } catch (fault) {
    await stop();
    throw fault;
  }
  return {
    brokers,
    secured: security === null ? '' : addresses(cluster, 'secured'),
    mutual: security === null ? '' : addresses(cluster, 'mutual'),
    nodes,
    behindProxy: cluster[0]?.proxied?.listens ?? 0,
    restart: async (nodeId) => {
      const service = nodes.find((node) => node.nodeId === nodeId)?.start();
      if (service !== undefined) await untilComplete(service, { brokers: `127.0.0.1:${cluster[nodeId - 1]?.internal}`, count: 1, security });
    },
    stop,
  };
}

async function choosePorts(nodes: number, proxyPort: number | undefined): Promise<readonly KafkaPorts[]> {
  const ports = await freePorts(nodes * 5);
  return Array.from({ length: nodes }, (_, node) => {
    const [internal = 0, controller = 0, secured = 0, mutual = 0, listens = 0] = ports.slice(node * 5);
    const own = { internal, controller, secured, mutual };
    return node === 0 && proxyPort !== undefined ? { ...own, proxied: { listens, told: proxyPort } } : own;
  });
}

function addresses(cluster: readonly KafkaPorts[], listener: 'internal' | 'secured' | 'mutual'): string {
  return cluster.map((ports) => `127.0.0.1:${ports[listener]}`).join(',');
}

interface Wanted {
  readonly brokers: string;
  readonly count: number;
  readonly security: KafkaSecurity | null;
}

/** Ready is what answers with as many nodes as there are, and a controller among them. */
async function untilComplete(service: ChildService, wanted: Wanted): Promise<void> {
  await service.untilAnswering(() => answersComplete(wanted), START_TIMEOUT_MS);
}

async function answersComplete({ brokers, count, security }: Wanted): Promise<boolean> {
  const admin = new Kafka({
    brokers: brokers.split(','),
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
    ...(security === null ? {} : { sasl: ownCredentials(security) }),
  }).admin();
  try {
    await admin.connect();
    const seen = await admin.describeCluster();
    return seen.brokers.length >= count && seen.controller !== null;
  } catch {
    return false; // not up yet: the caller asks again until its deadline
  } finally {
    await admin.disconnect().catch(() => undefined); // the answer is known already
  }
}

function ownCredentials({ users }: KafkaSecurity): SASLOptions {
  return { mechanism: 'plain', username: 'broker', password: users.broker };
}
