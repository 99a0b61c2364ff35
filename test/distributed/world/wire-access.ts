import { deploymentTopics, type BrokerRecord, type Following, type Publication } from '@sallyport/broker';
import { KafkaBroker, parseKafkaConfig } from '@sallyport/broker-kafka';

/** Somebody who may read and write every topic of a deployment, and has none of its keys. */
export class WireAccess {
  private readonly broker: KafkaBroker;
  private readonly auditPartitions: number;

  /** @param topicPrefix Whose topics; the deployment's own unless said. */
  constructor(brokers: string, topicPrefix?: string) {
    const config = parseKafkaConfig({ KAFKA_BROKERS: brokers, ...(topicPrefix === undefined ? {} : { KAFKA_TOPIC_PREFIX: topicPrefix }) });
    if (!config.ok) throw new Error(config.refusal.join(' '));
    this.auditPartitions = config.value.auditPartitions;
    this.broker = new KafkaBroker({ config: config.value, clientId: 'test-wire' });
  }

  /** Makes the topics of a deployment under the prefix. */
  makeTopics(): Promise<void> {
    return this.broker.ensureTopics(deploymentTopics(this.auditPartitions));
  }

  /** Everything that a topic holds now, in order. */
  async read(topic: string): Promise<readonly BrokerRecord[]> {
    const all: BrokerRecord[] = [];
    const following = this.follow(topic, (records) => void all.push(...records));
    await following.caughtUp();
    await following.close();
    return all;
  }

  /** Everything that comes on a topic, from the oldest. Broker outages are waited out. */
  follow(topic: string, onBatch: (records: readonly BrokerRecord[]) => void): Following {
    return this.broker.follow(topic, { from: 'start', onBatch, onFault: () => undefined });
  }

  /** Publishes bytes as they are. */
  write(...records: readonly Publication[]): Promise<void> {
    return this.broker.publish(records);
  }

  close(): Promise<void> {
    return this.broker.close();
  }
}
