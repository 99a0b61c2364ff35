import { setTimeout as pause } from 'node:timers/promises';

import { brokerFault, type TopicSpec } from '@sallyport/broker';
import { isFault } from '@sallyport/kernel';
import kafkajs, { type Admin, type ITopicConfig, type ITopicMetadata } from 'kafkajs';

import type { KafkaAdmin } from './kafka-admin.js';

/** How topics are made: the deployment's prefix, and copies where a topic does not say. */
export interface TopicRules {
  readonly topicPrefix: string;
  /** Null leaves it to the cluster. */
  readonly replicationFactor: number | null;
}

const CLUSTER_DEFAULT = -1;
/** How long a cluster may take until all its nodes know a topic that was just made, milliseconds. */
const SETTLE_MS = 20_000;
const ASK_AGAIN_MS = 200;

/**
 * Makes the topics that are lacking, and verifies partitions, cleanup and copies of the others. Two that make one at once both succeed.
 *
 * @throws {Fault} `broker.topic_differs` with every difference, `broker.refused` where topics are lacking and may not be made.
 */
export async function ensureTopics(admin: KafkaAdmin, specs: readonly TopicSpec[], rules: TopicRules): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    try {
      return await makeAndVerify(admin, specs, rules);
    } catch (caught) {
      if (!isFault(caught, 'broker.no_topic') || performance.now() > deadline) throw caught;
      await pause(ASK_AGAIN_MS);
    }
  }
}

async function makeAndVerify(admin: KafkaAdmin, specs: readonly TopicSpec[], rules: TopicRules): Promise<void> {
  const there = new Set(await admin.ask('listing topics', (kafka) => kafka.listTopics()));
  for (const spec of specs.filter(({ name }) => !there.has(rules.topicPrefix + name))) {
    const topic = topicConfig(spec, rules);
    await admin.ask(`making the topic ${topic.topic}`, (kafka) => kafka.createTopics({ topics: [topic], waitForLeaders: true }));
  }
  const differences = await admin.ask('verifying topics', (kafka) => findDifferences(kafka, specs, rules));
  if (differences.length > 0) throw brokerFault.topic_differs(differences.join(' '));
}

function topicConfig(spec: TopicSpec, rules: TopicRules): ITopicConfig {
  const retention = spec.retentionMs === undefined ? {} : { 'retention.ms': String(spec.retentionMs) };
  const settings = { 'cleanup.policy': spec.cleanup, ...retention, ...spec.settings };
  return {
    topic: rules.topicPrefix + spec.name,
    numPartitions: spec.partitions,
    replicationFactor: spec.replicationFactor ?? rules.replicationFactor ?? CLUSTER_DEFAULT,
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
  };
}

async function findDifferences(kafka: Admin, specs: readonly TopicSpec[], rules: TopicRules): Promise<readonly string[]> {
  const names = specs.map(({ name }) => rules.topicPrefix + name);
  const { topics } = await kafka.fetchTopicMetadata({ topics: names });
  const described = await kafka.describeConfigs({ includeSynonyms: false, resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: ['cleanup.policy'] })) });
  return specs.flatMap((spec) => {
    const name = rules.topicPrefix + spec.name;
    const metadata = topics.find((topic) => topic.name === name);
    const cleanup = described.resources.find(({ resourceName }) => resourceName === name)?.configEntries.find(({ configName }) => configName === 'cleanup.policy')?.configValue;
    return metadata === undefined ? [`Topic ${name} does not exist.`] : [...metadataDifferences(spec, metadata, rules), ...cleanupDifference(spec, name, cleanup)];
  });
}

function metadataDifferences(spec: TopicSpec, { name, partitions }: ITopicMetadata, rules: TopicRules): readonly string[] {
  const copies = Math.min(...partitions.map(({ replicas }) => replicas.length));
  const wanted = spec.replicationFactor ?? rules.replicationFactor ?? copies;
  return [
    ...(partitions.length === spec.partitions ? [] : [`Topic ${name} has ${partitions.length} partitions and needs ${spec.partitions}.`]),
    ...(copies >= wanted ? [] : [`Topic ${name} has ${copies} copies and needs ${wanted}: reassign its replicas, or lower KAFKA_REPLICATION_FACTOR.`]),
  ];
}

/** Kafka names the policies in any order. */
function cleanupDifference(spec: TopicSpec, name: string, cleanup: string | undefined): readonly string[] {
  const sorted = (policies: string): string => policies.split(',').map((policy) => policy.trim()).sort().join(',');
  if (cleanup !== undefined && sorted(cleanup) === sorted(spec.cleanup)) return [];
  return [`Topic ${name} has cleanup.policy ${cleanup ?? '(unknown)'} and needs ${spec.cleanup}.`];
}
