import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ChildService } from './child-service.js';
import { kafkaProperties, scramArguments, type KafkaNodePlan } from './kafka-properties.js';
import { servicesFault } from './services-faults.js';

const INSTEAD = 'install Java 17 or newer and Maven (Debian: apt-get install openjdk-17-jre-headless maven), or set KAFKA_BROKERS to brokers of your own';

/** What Kafka needs on this machine, as the sentence that says what to install. */
export const KAFKA_INSTEAD = `Kafka cannot be brought up here; ${INSTEAD}.`;

/** One node of a Kafka cluster: a Java process that can be crashed, stalled and started again on its data. */
export class KafkaNode {
  private service: ChildService | null = null;

  private constructor(
    readonly nodeId: number,
    private readonly folder: string,
    private readonly command: readonly [string, ...string[]],
  ) {}

  /** Writes the node's properties and formats its storage, unless it is formatted. */
  static prepare(plan: KafkaNodePlan, jars: string): KafkaNode {
    const folder = plan.data;
    mkdirSync(folder, { recursive: true });
    const properties = join(folder, 'server.properties');
    writeFileSync(properties, kafkaProperties({ ...plan, data: join(folder, 'data') }), { mode: 0o600 });
    const java = ['-cp', join(jars, '*'), '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
    if (!existsSync(join(folder, 'data', 'meta.properties'))) format(plan, [...java, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties]);
    const size = ['-Xms128m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const tokens = plan.security === null ? [] : [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://${plan.security.jwks}`];
    return new KafkaNode(plan.nodeId, folder, ['java', ...size, ...tokens, ...java, 'kafka.Kafka', properties]);
  }

  /** The pid of the Java process itself. */
  get pid(): number {
    return this.service?.pid ?? 0;
  }

  /** Starts the process; it answers some seconds later. */
  start(): ChildService {
    this.service = ChildService.start(`Kafka node ${this.nodeId}`, this.command, { cwd: this.folder });
    return this.service;
  }

  /** Kills it without a word (SIGKILL); resolves when it is gone. */
  async crash(): Promise<void> {
    this.service?.signal('SIGKILL');
    await this.service?.gone();
  }

  /** Stops it in its tracks (SIGSTOP): connections stay open and nothing answers. */
  stall(): void {
    this.service?.signal('SIGSTOP');
  }

  /** Lets a stalled node go on (SIGCONT). */
  resume(): void {
    this.service?.signal('SIGCONT');
  }

  /** Ends it, orderly within some seconds; resolves when it is gone. */
  async stop(): Promise<void> {
    await this.service?.stop();
  }

  /** Resolves when the process is gone, whoever ended it. */
  async gone(): Promise<void> {
    await this.service?.gone();
  }
}

const CLUSTER_ID = 'c2FsbHlwb3J0LWxvY2Fs';

function format(plan: KafkaNodePlan, args: readonly string[]): void {
  const scram = plan.security === null ? [] : scramArguments(plan.security);
  const run = spawnSync('java', [...args, ...scram, '--ignore-formatted'], { encoding: 'utf8' });
  if (run.error !== undefined) throw servicesFault.cannot_be_had(`Java is not installed. ${KAFKA_INSTEAD}`, {}, run.error);
  if (run.status !== 0) throw servicesFault.start_failed(`Kafka's storage could not be formatted: ${(run.stderr + run.stdout).slice(-600).trim()}`);
}
