import { describe, expect, it } from 'vitest';

import type { KafkaConfig } from './kafka-config.js';
import { parseKafkaConfig } from './parse-kafka-config.js';

const PEM = '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n';
const FILES: Readonly<Record<string, string>> = { 'ca.pem': PEM, 'cert.pem': PEM, 'key.pem': PEM, password: 's3cret\n', 'not.pem': 'hello' };

function readFile(path: string): string {
  const text = FILES[path];
  if (text === undefined) throw new Error('no such file');
  return text;
}

function parsed(env: Readonly<Record<string, string>>): KafkaConfig | readonly string[] {
  const result = parseKafkaConfig(env, readFile);
  return result.ok ? result.value : result.refusal;
}

const BROKERS = { KAFKA_BROKERS: 'a.example:9092, [::1]:9093' };
const SCRAM = { KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_SASL_USERNAME: 'worker' };

describe('the configuration of Kafka', () => {
  it('needs only the brokers', () => {
    expect(parsed(BROKERS)).toEqual({ brokers: ['a.example:9092', '[::1]:9093'], tls: null, sasl: null, topicPrefix: '', replicationFactor: null, auditPartitions: 12 });
  });

  it('takes TLS, a sign-in, a prefix, copies and partitions', () => {
    const env = { ...BROKERS, ...SCRAM, KAFKA_SASL_PASSWORD_FILE: 'password', KAFKA_TLS_CA_FILE: 'ca.pem', KAFKA_TLS_CERT_FILE: 'cert.pem', KAFKA_TLS_KEY_FILE: 'key.pem' };
    expect(parsed({ ...env, KAFKA_TLS_SERVER_NAME: 'kafka', KAFKA_TOPIC_PREFIX: 'prod.', KAFKA_REPLICATION_FACTOR: '3', KAFKA_AUDIT_PARTITIONS: '24', KAFKA_HEAP_OPTS: 'not ours' })).toMatchObject({
      tls: { ca: PEM, cert: PEM, key: PEM, serverName: 'kafka' },
      sasl: { mechanism: 'scram-sha-512', username: 'worker', password: 's3cret' },
      topicPrefix: 'prod.',
      replicationFactor: 3,
      auditPartitions: 24,
    });
  });

  it('takes a token from a file or from an endpoint', () => {
    const oauth = { ...BROKERS, KAFKA_TLS_ENABLED: 'true', KAFKA_SASL_MECHANISM: 'oauthbearer' };
    expect(parsed({ ...oauth, KAFKA_SASL_TOKEN_FILE: '/run/token' })).toMatchObject({ tls: {}, sasl: { token: { kind: 'file', path: '/run/token' } } });
    const endpoint = { KAFKA_SASL_TOKEN_URL: 'https://id.example/token', KAFKA_SASL_CLIENT_ID: 'worker', KAFKA_SASL_CLIENT_SECRET: 'x', KAFKA_SASL_SCOPE: 'kafka' };
    expect(parsed({ ...oauth, ...endpoint })).toMatchObject({ sasl: { token: { kind: 'endpoint', url: 'https://id.example/token', clientId: 'worker', clientSecret: 'x', scope: 'kafka' } } });
  });

  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['no brokers', {}, /^KAFKA_BROKERS is needed/],
    ['a broker without a port', { KAFKA_BROKERS: 'kafka' }, /^KAFKA_BROKERS has "kafka", which is not host:port\.$/],
    ['a port out of range', { KAFKA_BROKERS: 'kafka:99999' }, /^KAFKA_BROKERS has/],
    ['an unknown variable', { ...BROKERS, KAFKA_TLS_VERIFY: 'false' }, /^KAFKA_TLS_VERIFY is not a variable/],
    ['a file that is not there', { ...BROKERS, KAFKA_TLS_CA_FILE: 'gone.pem' }, /^KAFKA_TLS_CA_FILE names gone\.pem, which cannot be read/],
    ['a file that is no PEM', { ...BROKERS, KAFKA_TLS_CA_FILE: 'not.pem' }, /^KAFKA_TLS_CA_FILE names a file that is not PEM/],
    ['a certificate without its key', { ...BROKERS, KAFKA_TLS_CERT_FILE: 'cert.pem' }, /belong together/],
    ['TLS both off and configured', { ...BROKERS, KAFKA_TLS_ENABLED: 'false', KAFKA_TLS_CA_FILE: 'ca.pem' }, /^KAFKA_TLS_ENABLED is false/],
    ['an unknown mechanism', { ...BROKERS, KAFKA_SASL_MECHANISM: 'gssapi' }, /^KAFKA_SASL_MECHANISM has to be one of plain, /],
    ['a sign-in without a mechanism', { ...BROKERS, KAFKA_SASL_USERNAME: 'u' }, /^KAFKA_SASL_MECHANISM is needed/],
    ['no password', { ...BROKERS, ...SCRAM }, /needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD/],
    ['two passwords', { ...BROKERS, ...SCRAM, KAFKA_SASL_PASSWORD: 'a', KAFKA_SASL_PASSWORD_FILE: 'password' }, /are both set/],
    ['a password that anybody on the way can read', { ...BROKERS, KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' }, /sends the secret itself/],
    ['a token endpoint in the clear', { ...BROKERS, KAFKA_TLS_ENABLED: 'true', KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_TOKEN_URL: 'http://id.example/t' }, /^KAFKA_SASL_TOKEN_URL has to be an https address/],
    ['no token', { ...BROKERS, KAFKA_TLS_ENABLED: 'true', KAFKA_SASL_MECHANISM: 'oauthbearer' }, /needs KAFKA_SASL_TOKEN_FILE/],
    ['a prefix with a slash', { ...BROKERS, KAFKA_TOPIC_PREFIX: 'a/b' }, /^KAFKA_TOPIC_PREFIX has to be/],
    ['no copies', { ...BROKERS, KAFKA_REPLICATION_FACTOR: '0' }, /^KAFKA_REPLICATION_FACTOR has to be a whole number/],
  ])('says in one sentence that there is %s', (_what, env, sentence) => {
    const sentences = parsed(env);
    expect(sentences).toEqual(expect.arrayContaining([expect.stringMatching(sentence)]));
    expect(JSON.stringify(sentences)).not.toContain('s3cret');
  });

  it('says one sentence for each bad variable', () => {
    expect(parsed({ KAFKA_BROKERS: 'x', KAFKA_TOPIC_PREFIX: ' ', KAFKA_AUDIT_PARTITIONS: 'many' })).toHaveLength(3);
  });
});
