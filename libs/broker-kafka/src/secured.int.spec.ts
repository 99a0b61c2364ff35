import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { deploymentTopics, TOPIC, type Broker } from '@sallyport/broker';
import { RecordingReader } from '@sallyport/broker/testing';
import { isFault } from '@sallyport/kernel';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { KafkaConfig, KafkaSasl } from './config/kafka-config.js';
import { KafkaBroker } from './kafka-broker.js';
import { entriesOf, startSecuredKafka, type Role, type SecuredKafka } from './testing/secured-kafka.js';

const PARTITIONS = 2;

describe('a Kafka that asks who one is', () => {
  let kafka: SecuredKafka;
  const opened: Broker[] = [];
  beforeAll(async () => {
    kafka = await startSecuredKafka();
    await as('control-plane').ensureTopics(deploymentTopics(PARTITIONS));
  });
  afterAll(async () => {
    await Promise.all(opened.map((broker) => broker.close()));
    await kafka?.stop();
  });

  const connect = (config: KafkaConfig): Broker => {
    const broker = new KafkaBroker({ config, clientId: 'secured' });
    opened.push(broker);
    return broker;
  };
  const as = (username: Role | 'stranger', mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' = 'scram-sha-512'): Broker =>
    connect(kafka.config({ sasl: { mechanism, username, password: kafka.password } }));
  const record = (topic: string) => [{ topic, key: 'k', value: Buffer.from('v') }];

  describe('signing in', () => {
    it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('works over TLS with %s', async (mechanism) => {
      await as('worker', mechanism).publish(record(TOPIC.status));
    });

    it('works with a token from a file, for everything a broker does', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sallyport-token-'));
      writeFileSync(join(folder, 'token'), `${await kafka.token('worker')}\n`);
      const broker = connect(kafka.config({ sasl: { mechanism: 'oauthbearer', token: { kind: 'file', path: join(folder, 'token') } } }));
      await broker.publish(record(TOPIC.status));
      const reader = new RecordingReader();
      await broker.follow(TOPIC.events, { from: 'start', onBatch: reader.onBatch, onFault: reader.onFault }).caughtUp();
      rmSync(folder, { recursive: true });
      expect(reader.faults).toEqual([]);
    });

    it('works with a token that a grant of client credentials gives', async () => {
      const token = await kafka.token('worker');
      const asked: string[] = [];
      const endpoint = createServer((request, response) => {
        asked.push(`${request.method} ${request.headers.authorization}`);
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ access_token: token, expires_in: 3_600 }));
      });
      await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
      const { port } = endpoint.address() as AddressInfo;
      const sasl: KafkaSasl = { mechanism: 'oauthbearer', token: { kind: 'endpoint', url: `http://127.0.0.1:${port}/token`, clientId: 'worker', clientSecret: 'hush', scope: null } };
      const broker = connect(kafka.config({ sasl }));
      await broker.publish(record(TOPIC.status));
      await broker.publish(record(TOPIC.audit));
      endpoint.close();
      expect(asked).toEqual([`POST Basic ${Buffer.from('worker:hush').toString('base64')}`]);
    });

    it('works with a certificate of one’s own', async () => {
      await connect(kafka.mutualConfig({ tls: kafka.clientTls })).publish(record(TOPIC.status));
    });

    it('is refused with a wrong password, and says nothing of it', async () => {
      const publishing = connect(kafka.config({ sasl: { mechanism: 'scram-sha-256', username: 'worker', password: 'not-it' } })).publish(record(TOPIC.status));
      await expect(publishing).rejects.toMatchObject({ code: 'broker.refused', message: expect.not.stringContaining('not-it') });
    });

    it('does not speak to a broker whose certificate nobody vouches for', async () => {
      const publishing = connect(kafka.config({ tls: {}, sasl: { mechanism: 'plain', username: 'worker', password: kafka.password } })).publish(record(TOPIC.status));
      await expect(publishing).rejects.toMatchObject({ code: 'broker.unreachable', message: expect.stringMatching(/certificate/) });
    });

    it('does not speak to a broker that is called otherwise', async () => {
      const config = kafka.config({ tls: { ...kafka.tls, serverName: 'kafka.example' }, sasl: { mechanism: 'plain', username: 'worker', password: kafka.password } });
      await expect(connect(config).publish(record(TOPIC.status))).rejects.toMatchObject({ code: 'broker.unreachable' });
    });
  });

  describe('the rules of each process', () => {
    const WRITES: readonly (readonly [Role, readonly string[]])[] = [
      ['control-plane', []],
      ['relay', [TOPIC.events, TOPIC.snapshots]],
      ['worker', [TOPIC.status, TOPIC.audit]],
      ['audit-consumer', [TOPIC.auditRejected]],
    ];
    const READS: readonly (readonly [Role, readonly string[]])[] = [
      ['control-plane', [TOPIC.status, TOPIC.audit]],
      ['relay', [TOPIC.snapshots]],
      ['worker', [TOPIC.events, TOPIC.snapshots, TOPIC.status]],
      ['audit-consumer', []],
    ];
    const TOPICS = Object.values(TOPIC);

    it.each(WRITES)('let %s write where it must, and nowhere else', async (role, writable) => {
      const broker = as(role);
      const written = await Promise.all(TOPICS.map(async (topic) => broker.publish(record(topic)).then(() => topic, (fault: unknown) => outcome(fault))));
      expect(written).toEqual(TOPICS.map((topic) => (writable.includes(topic) ? topic : REFUSED)));
    });

    it.each(READS)('let %s follow what it must, and nothing else', async (role, readable) => {
      const broker = as(role);
      const followed: string[] = [];
      for (const topic of TOPICS) followed.push(await followOrFault(broker, topic));
      expect(followed).toEqual(TOPICS.map((topic) => (readable.includes(topic) ? topic : REFUSED)));
    });

    it('let only the audit consumer consume the audit records', async () => {
      await as('worker').publish(record(TOPIC.audit));
      const [consumer, worker] = [new RecordingReader(), new RecordingReader()];
      const consume = (broker: Broker, reader: RecordingReader) =>
        broker.consume(TOPIC.audit, { group: 'control-plane-audit', onBatch: async (records) => reader.onBatch(records), onFault: reader.onFault });
      const members = [consume(as('audit-consumer'), consumer), consume(as('worker'), worker)];
      await Promise.all([consumer.until(({ records }) => records.length > 0), worker.until(({ faults }) => faults.some((fault) => outcome(fault) === REFUSED))]);
      await Promise.all(members.map((member) => member.close()));
      expect(worker.records).toEqual([]);
    });

    it.each(['relay', 'worker', 'audit-consumer', 'stranger'] as const)('let %s make no topic', async (role) => {
      await expect(as(role).ensureTopics([{ name: `made-by-${role}`, partitions: 1, cleanup: 'delete' }])).rejects.toMatchObject({ code: 'broker.refused' });
    });

    it('let the control plane make only the topics of the deployment', async () => {
      await as('control-plane').ensureTopics(deploymentTopics(PARTITIONS));
      await expect(as('control-plane').ensureTopics([{ name: 'another', partitions: 1, cleanup: 'delete' }])).rejects.toMatchObject({ code: 'broker.refused' });
    });

    it('let each process verify the topics it uses', async () => {
      const byName = (names: readonly string[]) => deploymentTopics(PARTITIONS).filter(({ name }) => names.includes(name));
      await as('worker').ensureTopics(byName([TOPIC.events, TOPIC.snapshots, TOPIC.status, TOPIC.audit]));
      await as('relay').ensureTopics(byName([TOPIC.events, TOPIC.snapshots]));
      await as('audit-consumer').ensureTopics(byName([TOPIC.audit, TOPIC.auditRejected]));
    });

    it('bind a process that runs, and let it go on when they are given back', async () => {
      const [broker, reader] = [as('worker'), new RecordingReader()];
      const follower = broker.follow(TOPIC.events, { from: 'start', onBatch: reader.onBatch, onFault: reader.onFault });
      await follower.caughtUp();
      const rule = entriesOf('worker').filter(({ resourceName, operation }) => resourceName.endsWith(TOPIC.events) && operation === kafkajs.AclOperationTypes.READ);
      await kafka.administer((admin) => admin.deleteAcls({ filters: rule }));
      await reader.until(({ faults }) => faults.some(({ code }) => code === 'broker.refused'));
      await kafka.administer((admin) => admin.createAcls({ acl: rule }));
      const before = reader.records.length;
      await as('relay').publish(record(TOPIC.events));
      await reader.until(({ records }) => records.length > before);
    });
  });
});

const REFUSED = 'refused';

/** The topic once it was followed to its end, or what kept it from being. */
async function followOrFault(broker: Broker, topic: string): Promise<string> {
  const reader = new RecordingReader();
  const follower = broker.follow(topic, { from: 'start', onBatch: reader.onBatch, onFault: reader.onFault });
  const faulty = reader.until(({ faults }) => faults.length > 0).then(() => outcome(reader.faults[0]));
  const caughtUp = follower.caughtUp().then(() => topic);
  const first = await Promise.race([faulty, caughtUp]);
  await Promise.allSettled([follower.close(), caughtUp]);
  faulty.catch(() => undefined); // closed: no fault comes any more
  return first;
}

/** kafkajs does not say that a group is refused, only that it found no coordinator: the fault's sentence names the rule that may lack. */
function outcome(fault: unknown): string {
  if (!isFault(fault)) return String(fault);
  return fault.code === 'broker.refused' || fault.message.includes('no READ on the group') ? REFUSED : fault.code;
}
