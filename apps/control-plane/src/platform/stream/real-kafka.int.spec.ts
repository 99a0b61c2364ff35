import { deploymentTopics, TOPIC, type BrokerRecord } from '@sallyport/broker';
import { KafkaBroker } from '@sallyport/broker-kafka';
import { auditPublication, reportPublication, StreamAuditBus } from '@sallyport/event-stream';
import { branded, type EpochMs, type OrganisationId, type Revision } from '@sallyport/kernel';
import { HmacRecordMac, RootKey } from '@sallyport/secrets-aes';
import { Ed25519Signer, Ed25519TrustedKeys } from '@sallyport/signatures-ed25519';
import { testKafka } from '@sallyport/test-support';
import { decodeSignedRecord, decodeStreamBody, encodeRecord, encodeWorkerReport, signedBytes, type StreamBody } from '@sallyport/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { aCompleted, aDecided } from '../../testing/decision-records.js';
import { mutate } from '../../testing/mutate.js';

const hex = (value: Uint8Array | null): string => Buffer.from(value ?? []).toString('hex');

/** The same over a real Kafka, with real signatures and the machine's clock. */
describe('a control plane over Kafka', () => {
  const mac = new HmacRecordMac(RootKey.parse('5a'.repeat(32)));
  const signer = Ed25519Signer.generate();
  const verifier = new Ed25519TrustedKeys([signer.publicKey]);
  const clock = { now: () => branded<EpochMs>(Date.now()), monotonicMs: () => performance.now() };
  let worker: KafkaBroker;
  let ours: KafkaBroker;
  let world: TestControlPlane;
  beforeAll(async () => {
    const { brokers, topicPrefix } = await testKafka();
    const connect = (clientId: string) => new KafkaBroker({ config: { brokers: brokers.split(','), tls: null, sasl: null, topicPrefix, replicationFactor: null, auditPartitions: 2 }, clientId });
    ours = connect('control-plane');
    worker = connect('worker');
    await ours.ensureTopics(deploymentTopics(2));
    world = await aControlPlane({ stream: { broker: ours, signer, verifier, mac, snapshots: { everyMs: 500 } }, clock });
  }, 120_000);
  afterAll(async () => {
    await world.close();
    await Promise.all([ours.close(), worker.close()]);
  });
  /** Follows a signed topic until a body is as wanted, and answers all up to it. Every one has to be signed by the control plane. */
  const until = (topic: string, wanted: (body: StreamBody) => boolean) =>
    new Promise<readonly StreamBody[]>((resolve, reject) => {
      const bodies: StreamBody[] = [];
      const take = ({ value }: BrokerRecord): boolean => {
        const { keyId, body, signature } = decodeSignedRecord(value ?? new Uint8Array());
        if (!verifier.verify(keyId, signedBytes(keyId, body), signature)) reject(new Error('not signed by the control plane'));
        bodies.push(decodeStreamBody(body));
        return bodies.some(wanted);
      };
      const following = worker.follow(topic, {
        from: 'start',
        onFault: () => undefined,
        onBatch: (records) => {
          if (!records.map(take).includes(true)) return;
          resolve(bodies);
          setImmediate(() => void following.close());
        },
      });
    });

  it('hands a change on with a stamp that covers it, and its snapshot under a frontier', async () => {
    const { revision } = await mutate(world, 'createIdentity', '', { name: 'over-kafka', kind: 'agent', waitFor: 'PUBLISHED' });
    const events = await until(TOPIC.events, (body) => body.kind === 'stamp' && body.position >= revision);
    const positions = events.flatMap((body) => (body.kind === 'event' ? [body.position] : []));
    expect(positions.slice(0, revision)).toEqual(Array.from({ length: revision }, (_, n) => n + 1));
    const snapshots = await until(TOPIC.snapshots, (body) => body.kind === 'frontier' && body.position >= revision);
    const frontier = snapshots.find((body) => body.kind === 'frontier' && body.position >= revision);
    const [organisationId, at] = frontier?.kind === 'frontier' ? ([...frontier.snapshots][0] ?? []) : [];
    expect(snapshots).toContainEqual(expect.objectContaining({ kind: 'snapshot', organisationId, revision: at }));
  }, 60_000);

  it('hears of workers that a change is enforced, in little time', async () => {
    const { data } = await world.ask('{ organisations { nodes { id } } }');
    const organisationId = branded<OrganisationId>((data?.['organisations'] as { nodes: { id: string }[] }).nodes[0]?.id ?? '');
    let sequence = 0;
    const report = async (revision: number) => {
      sequence += 1;
      const applied = [{ organisationId, revision: branded<Revision>(revision), stateHash: null }];
      const said = { workerId: 'w1', incarnation: '01990000-0000-7000-8000-000000000001', sequence, state: 'ready', stampAgeMs: 5, position: 0, applied, nacks: [], refusedRecords: [] } as const;
      await worker.publish([reportPublication(mac, said)]);
    };
    const following = worker.follow(TOPIC.events, {
      from: 'start',
      onFault: () => undefined,
      onBatch: (records) => {
        for (const { value } of records) {
          const body = decodeStreamBody(decodeSignedRecord(value ?? new Uint8Array()).body);
          if (body.kind === 'event' && body.organisationId === organisationId) void report(body.revision);
        }
      },
    });
    await following.caughtUp();
    const tookMs: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const before = performance.now();
      const answer = await mutate(world, 'createIdentity', 'enforcement { reached outstanding }', { name: `enforced-${n}`, kind: 'agent', waitFor: 'ENFORCED' });
      tookMs.push(performance.now() - before);
      expect(answer['enforcement']).toEqual({ reached: true, outstanding: [] });
    }
    await following.close();
    tookMs.sort((one, other) => one - other);
    expect(tookMs[10]).toBeLessThan(500);
    process.stdout.write(`enforced over Kafka: p50 ${tookMs[10]?.toFixed(0)} ms, slowest ${tookMs[19]?.toFixed(0)} ms\n`);
  }, 60_000);

  it('takes neither report nor record from who has not the root key, and sets such records aside as they came', async () => {
    const { data } = await world.ask('{ organisations { nodes { id } } }');
    const organisationId = branded<OrganisationId>((data?.['organisations'] as { nodes: { id: string }[] }).nodes[0]?.id ?? '');
    const stranger = new HmacRecordMac(RootKey.parse('a5'.repeat(32)));
    const applied = [{ organisationId, revision: branded<Revision>(1_000), stateHash: null }];
    const said = { workerId: 'w2', incarnation: '01990000-0000-7000-8000-000000000002', sequence: 1, state: 'ready', stampAgeMs: 5, position: 0, applied, nacks: [], refusedRecords: [] } as const;
    const record = { incarnation: '01990000-0000-7000-8000-000000000902', localSeq: 1, record: aDecided(organisationId, 900) };
    const forged = auditPublication(stranger, 'w2', record);
    await worker.publish([reportPublication(stranger, said), { topic: TOPIC.status, key: 'w2', value: encodeWorkerReport(said) }, forged, { ...forged, value: encodeRecord(record) }]);
    const counted = async () => (await world.plane.metrics.metrics()).split('\n').filter((line) => line.startsWith('sallyport_worker_records_refused_total') && line.endsWith(' 1'));
    await expect.poll(async () => (await counted()).length, { timeout: 30_000, interval: 50 }).toBe(4);
    const rejected: (readonly (string | null)[])[] = [];
    const following = worker.follow(TOPIC.auditRejected, { from: 'start', onFault: () => undefined, onBatch: (records) => void rejected.push(...records.map(({ key, value }) => [key, hex(value)])) });
    await expect.poll(() => rejected.length, { timeout: 30_000, interval: 50 }).toBe(2);
    await following.close();
    expect(rejected).toEqual([[record.incarnation, hex(forged.value)], [record.incarnation, hex(encodeRecord(record))]]);
    const { data: seen } = await world.ask('{ workers { workerId } decisions(first: 100) { nodes { __typename } } auditHoles { fromSeq } }');
    expect(seen).toMatchObject({ decisions: { nodes: [] }, auditHoles: [] });
    expect((seen?.['workers'] as { workerId: string }[]).map(({ workerId }) => workerId)).not.toContain('w2');
  }, 60_000);

  it('stores audit records byte for byte as they were published', async () => {
    const { data } = await world.ask('{ organisations { nodes { id } } }');
    const organisationId = branded<OrganisationId>((data?.['organisations'] as { nodes: { id: string }[] }).nodes[0]?.id ?? '');
    const incarnation = '01990000-0000-7000-8000-000000000901';
    const records = Array.from({ length: 50 }, (_, n) => [aDecided(organisationId, n, { clientName: 'é\u{1d11e}\u00ff' }), aCompleted(organisationId, n)]).flat();
    await new StreamAuditBus({ broker: worker, mac, workerId: 'w1' }).publish(records.map((record, index) => ({ incarnation, localSeq: index + 1, record })));
    const stored = async () => {
      const { data: found } = await world.ask('{ decisions(first: 100) { nodes { __typename } } auditHoles { fromSeq } }');
      return found as { decisions: { nodes: unknown[] }; auditHoles: unknown[] };
    };
    await expect.poll(async () => (await stored()).decisions.nodes.length, { timeout: 30_000, interval: 50 }).toBe(50);
    expect((await stored()).auditHoles).toEqual([]);
  }, 60_000);
});
