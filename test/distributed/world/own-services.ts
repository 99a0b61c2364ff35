import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { startPostgres, type RunningPostgres } from '@sallyport/postgres-embedded';
import { startKafka, startRedis, type RunningKafka, type RunningRedis } from '@sallyport/services-local';
import { FaultProxy } from '@sallyport/test-support';

import { isAlive } from '../../e2e/world/child.js';
import { removeFolder, temporaryFolder } from '../../e2e/world/temporary-folder.js';

/** Kafka, PostgreSQL and Redis of one test file, each to be killed, stalled and started again where it was. */
export class OwnServices {
  private constructor(
    private readonly folder: string,
    /** A way to the broker that only those take who are given its port. */
    readonly kafkaProxy: FaultProxy,
    readonly kafka: RunningKafka,
    readonly redis: RunningRedis,
    private postgres: RunningPostgres,
  ) {}

  /**
   * Starts all three.
   *
   * @param brokers How many nodes Kafka has: with three every record has three copies, and two suffice to go on.
   * @throws {Fault} with the sentence that says what to install.
   */
  static async start(brokers = 1): Promise<OwnServices> {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'postgres'), { mode: 0o755 });
    const proxy = await FaultProxy.start(0);
    const [kafka, redis, postgres] = await Promise.all([
      startKafka({ dataFolder: join(folder, 'kafka'), nodes: brokers, proxyPort: proxy.port }),
      startRedis({ dataFolder: join(folder, 'redis') }),
      startPostgres({ dataFolder: join(folder, 'postgres'), database: 'sallyport' }),
    ]);
    proxy.aimAt(kafka.behindProxy);
    return new OwnServices(folder, proxy, kafka, redis, postgres);
  }

  /** What a deployment is started with, so that it uses these. */
  get env(): Readonly<Record<string, string>> {
    return { KAFKA_BROKERS: this.kafka.brokers, REDIS_URL: this.redis.url, DATABASE_URL: this.databaseUrl };
  }

  /** As superuser. */
  get databaseUrl(): string {
    return this.postgres.url;
  }

  /** Where the nodes of Kafka keep their data, `node-1` and so on. */
  get kafkaFolder(): string {
    return join(this.folder, 'kafka');
  }

  /** Kills the broker without a word, and starts it again on its data. */
  async restartKafka(): Promise<void> {
    await this.kafka.nodes[0]?.crash();
    await this.kafka.restart(1);
  }

  /** Kills PostgreSQL without a word, and starts it again on its data and port. */
  async restartPostgres(): Promise<void> {
    process.kill(this.postgres.pid, 'SIGQUIT');
    while (isAlive(this.postgres.pid)) await new Promise((resolve) => setImmediate(resolve));
    this.postgres = await startPostgres({ dataFolder: join(this.folder, 'postgres'), database: 'sallyport', port: Number(new URL(this.databaseUrl).port) });
  }

  /** Starts Redis again with nothing in it, as one that lost its disk. */
  async emptyRedis(): Promise<void> {
    await this.redis.crash();
    rmSync(join(this.folder, 'redis'), { recursive: true, force: true });
    mkdirSync(join(this.folder, 'redis'));
    await this.redis.restart();
  }

  /** Stops and removes everything. */
  async end(): Promise<void> {
    this.redis.resume();
    for (const node of this.kafka.nodes) node.resume();
    await Promise.all([this.kafkaProxy.close(), this.kafka.stop(), this.redis.stop(), this.postgres.stop()]);
    removeFolder(this.folder, join(this.folder, 'postgres'));
  }
}
