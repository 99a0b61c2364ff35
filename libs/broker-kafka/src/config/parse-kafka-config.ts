import { readFileSync } from 'node:fs';

import { ok, refuse, type Result } from '@sallyport/kernel';

import type { KafkaConfig } from './kafka-config.js';
import { parseSasl } from './parse-sasl.js';
import { parseTls } from './parse-tls.js';
import { VariableReader, type Environment, type ReadFile } from './variable-reader.js';

const DEFAULT_AUDIT_PARTITIONS = 12;
const BROKER = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})$/;
const LOOPBACK = /^(127(\.[0-9]+){3}|localhost|\[::1\]):/;

/**
 * Reads `KAFKA_BROKERS`, `KAFKA_TLS_*`, `KAFKA_SASL_*`, `KAFKA_TOPIC_PREFIX`, `KAFKA_REPLICATION_FACTOR` and `KAFKA_AUDIT_PARTITIONS`.
 * Other variables of the name are somebody else's, but an unknown `KAFKA_TLS_*` or `KAFKA_SASL_*` is a mistake.
 *
 * @param readFile Reads the files that variables name, as text; throws where it cannot.
 * @returns The configuration, or one sentence for each bad variable.
 */
export function parseKafkaConfig(env: Environment, readFile: ReadFile = readText): Result<KafkaConfig, readonly string[]> {
  const reader = new VariableReader(env, readFile);
  const brokers = parseBrokers(reader);
  const tls = parseTls(reader);
  const sasl = parseSasl(reader, { readable: tls === null && !brokers.every((broker) => LOOPBACK.test(broker)) });
  const config = {
    brokers,
    tls,
    sasl,
    topicPrefix: reader.matching('KAFKA_TOPIC_PREFIX', /^[A-Za-z0-9._-]{1,100}$/, 'letters, digits, dots, dashes and underscores, at most 100') ?? '',
    replicationFactor: reader.wholeNumber('KAFKA_REPLICATION_FACTOR', 1, 32),
    auditPartitions: reader.wholeNumber('KAFKA_AUDIT_PARTITIONS', 1, 1_000) ?? DEFAULT_AUDIT_PARTITIONS,
  };
  const sentences = [...reader.sentences, ...reader.unknown(/^KAFKA_(TLS|SASL)_/)];
  return sentences.length === 0 ? ok(config) : refuse(sentences);
}

function parseBrokers(reader: VariableReader): readonly string[] {
  const brokers = (reader.text('KAFKA_BROKERS') ?? '').split(',').map((broker) => broker.trim()).filter((broker) => broker !== '');
  if (brokers.length === 0) reader.bad('KAFKA_BROKERS is needed: host:port of one or more brokers, separated by commas.');
  for (const broker of brokers) {
    const port = Number(BROKER.exec(broker)?.[2] ?? 0);
    if (port < 1 || port > 65_535) reader.bad(`KAFKA_BROKERS has "${broker}", which is not host:port.`);
  }
  return brokers;
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
