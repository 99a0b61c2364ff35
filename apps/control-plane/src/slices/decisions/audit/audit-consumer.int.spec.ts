import type { NotedRecord, SequencedRecord } from '@sallyport/audit';
import { MemoryCluster, TOPIC, type MemoryBroker } from '@sallyport/broker';
import { auditPublication, StreamAuditBus } from '@sallyport/event-stream';
import { TestMac } from '@sallyport/event-stream/testing';
import { branded, type EpochMs, type EventId, type OrganisationId } from '@sallyport/kernel';
import { decodeWorkerRecord, encodeRecord } from '@sallyport/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { aStreamOfOne } from '../../../testing/a-stream-of-one.js';
import { aCompleted, aDecided } from '../../../testing/decision-records.js';
import { withDatabase } from '../../../testing/tables-of.js';

const start = (n: number) => `01990000-0000-7000-8000-${String(900 + n).padStart(12, '0')}`;

const mac = new TestMac();

describe('audit records over a broker', () => {
  let cluster: MemoryCluster;
  let broker: MemoryBroker;
  let world: TestControlPlane;
  let organisationId: OrganisationId;
  beforeEach(async () => {
    cluster = new MemoryCluster();
    const stream = await aStreamOfOne(cluster);
    broker = stream.broker;
    world = await aControlPlane({ stream });
    const { data } = await world.ask('{ organisations { nodes { id } } }');
    organisationId = branded<OrganisationId>((data?.['organisations'] as { nodes: { id: string }[] }).nodes[0]?.id ?? '');
  });
  afterEach(() => world.close());
  /** `count` calls of one start of a worker: two records each. */
  const calls = (incarnation: string, count: number, first = 0): readonly SequencedRecord[] =>
    Array.from({ length: count }, (_, n) => first + n)
      .flatMap((n) => [aDecided(organisationId, n), aCompleted(organisationId, n)])
      .map((record, index) => ({ incarnation, localSeq: first * 2 + index + 1, record }));
  const stored = async () => {
    const { data } = await world.ask('{ decisions(first: 100) { nodes { __typename } } }');
    return (data?.['decisions'] as { nodes: unknown[] }).nodes.length;
  };
  const holes = async () => (await world.ask('{ auditHoles { incarnation fromSeq toSeq } }')).data?.['auditHoles'];
  const figure = async (name: string) => Number((await world.plane.metrics.metrics()).split('\n').find((line) => line.startsWith(`${name} `))?.slice(name.length + 1));
  /** Resolves when everything published before was committed by the group: the next batch is only handed over then. */
  const taken = async () => {
    await Promise.all(cluster.ends(TOPIC.audit).map((_, partition) => broker.publish([{ topic: TOPIC.audit, key: 'marker', value: Buffer.from('marker'), partition }])));
    const wanted = markers + 3;
    await new Promise<void>((resolve) => {
      const following = broker.follow(TOPIC.auditRejected, {
        from: 'start',
        onFault: () => undefined,
        onBatch: () => {
          if (cluster.records(TOPIC.auditRejected).filter((record) => record.key === 'marker').length < wanted) return;
          resolve();
          void following.close();
        },
      });
    });
    markers = wanted;
  };
  const rejected = () => cluster.records(TOPIC.auditRejected).filter((record) => record.key !== 'marker').map(({ value }) => hex(value));
  const hex = (value: Uint8Array | null) => Buffer.from(value ?? []).toString('hex');
  /** The same envelope round a body of which one bit was turned. */
  const altered = (value: Uint8Array | null) => {
    const other = Uint8Array.from(value ?? []);
    const { body } = decodeWorkerRecord(other);
    const at = Buffer.from(other).indexOf(Buffer.from(body)) + (body.length >> 1);
    other[at] = (other[at] ?? 0) ^ 1;
    return other;
  };
  let markers = 0;
  beforeEach(() => (markers = 0));

  it('are stored and found, from several starts of workers', async () => {
    const bus = new StreamAuditBus({ broker, mac, workerId: 'worker-1' });
    for (const n of [1, 2, 3]) await bus.publish(calls(start(n), 5, n * 5).map((record, index) => ({ ...record, localSeq: index + 1 })));
    await taken();
    expect(await stored()).toBe(15);
    expect(await holes()).toEqual([]);
  });

  it('are stored once, however often and in whatever pieces they come', async () => {
    const bus = new StreamAuditBus({ broker, mac, workerId: 'worker-1' });
    const batch = calls(start(1), 10);
    await bus.publish(batch.slice(0, 13));
    await bus.publish(batch);
    await bus.publish(batch.slice(5));
    await taken();
    expect(await stored()).toBe(10);
    expect(await holes()).toEqual([]);
  });

  it('make no second event when somebody publishes them again after their events were swept away', async () => {
    const noted: NotedRecord = { kind: 'noted', eventId: branded<EventId>(start(50)), organisationId, at: branded<EpochMs>(1_763_715_600_000), workerId: 'worker-1', note: { kind: 'freshnessChanged', lost: 'policy_stale', stampAgeMs: 6_000, revision: branded(3) } };
    const bus = new StreamAuditBus({ broker, mac, workerId: 'worker-1' });
    const sequenced = [{ incarnation: start(1), localSeq: 1, record: noted }];
    const events = () => withDatabase(world.database.url, async (client) => (await client.query('SELECT 1 FROM audit_events WHERE event_id = $1', [noted.eventId])).rowCount);
    await bus.publish(sequenced);
    await taken();
    expect(await events()).toBe(1);
    await withDatabase(world.database.url, (client) => client.query('DELETE FROM audit_events WHERE event_id = $1', [noted.eventId]));
    await bus.publish(sequenced);
    await taken();
    expect(await events()).toBe(0);
  });

  it('go to the dead letters as they came when they cannot be read, and the others are stored', async () => {
    const [first, second, third] = calls(start(1), 2);
    if (first === undefined || second === undefined || third === undefined) throw new Error('no records');
    const unnumbered = auditPublication(mac, 'worker-1', { ...second, localSeq: 0 });
    await broker.publish([auditPublication(mac, 'worker-1', first), { topic: TOPIC.audit, key: start(1), value: Buffer.from('nonsense') }, unnumbered, auditPublication(mac, 'worker-1', third)]);
    await taken();
    expect(rejected()).toEqual([Buffer.from('nonsense').toString('hex'), hex(unnumbered.value)]);
    expect(await holes()).toEqual([{ incarnation: start(1), fromSeq: 2, toSeq: 2 }]);
    expect(await figure('sallyport_audit_records_missing')).toBe(1);
    expect(world.logLines.some((line) => line.includes('audit.hole') && line.includes(start(1)))).toBe(true);
  });

  it('that no worker of this deployment wrote are set aside, counted and told once a source, and the true ones are stored after them', async () => {
    const batch = calls(start(1), 3);
    const [first, second] = batch;
    if (first === undefined || second === undefined) throw new Error('no records');
    const stranger = new TestMac('of somebody else');
    const genuine = auditPublication(mac, 'worker-1', second);
    const forged = [
      { ...genuine, value: encodeRecord(second) },
      ...batch.map((record) => auditPublication(stranger, 'worker-1', record)),
      { ...genuine, key: start(2) },
      { ...genuine, value: altered(genuine.value) },
    ];
    await broker.publish(forged);
    await taken();
    expect(await stored()).toBe(0);
    expect(rejected().toSorted()).toEqual(forged.map(({ value }) => hex(value)).toSorted());
    expect(await figure('sallyport_worker_records_refused_total{topic="dp.audit.v1",reason="bad_mac"}')).toBe(8);
    expect(await figure('sallyport_audit_records_rejected_total')).toBe(9 + markers);
    expect(world.logLines.filter((line) => line.includes('audit.forged') && !line.includes('marker'))).toHaveLength(2);
    await new StreamAuditBus({ broker, mac, workerId: 'worker-1' }).publish(batch);
    await taken();
    expect(await stored()).toBe(3);
    expect(await holes()).toEqual([]);
  });

  it('that are forged are not waited for by whoever waits until all that workers published is stored', async () => {
    await new StreamAuditBus({ broker, mac, workerId: 'worker-1' }).publish(calls(start(1), 2));
    const [first] = calls(start(3), 1);
    if (first === undefined) throw new Error('no record');
    await broker.publish([auditPublication(new TestMac('of somebody else'), 'worker-3', { ...first, localSeq: 1_000 }), { topic: TOPIC.audit, key: start(3), value: encodeRecord({ ...first, localSeq: 1_001 }) }]);
    await world.plane.spent?.caughtUp();
    expect(await stored()).toBe(2);
  });

  it('of which the database will never take one do not hold up the others', async () => {
    const batch = calls(start(1), 8);
    const poison = batch.map((one, index) => (index === 6 ? { ...one, record: { ...one.record, at: branded<EpochMs>(9e15) } } : one));
    await new StreamAuditBus({ broker, mac, workerId: 'worker-1' }).publish(poison);
    await taken();
    expect(cluster.records(TOPIC.auditRejected).filter((record) => record.key === start(1))).toHaveLength(1);
    expect(await stored()).toBe(7);
    expect(await holes()).toEqual([{ incarnation: start(1), fromSeq: 7, toSeq: 7 }]);
  });

  it('that were missing close their hole when they come after all', async () => {
    const batch = calls(start(1), 3);
    const bus = new StreamAuditBus({ broker, mac, workerId: 'worker-1' });
    await bus.publish([...batch.slice(0, 2), ...batch.slice(4)]);
    await taken();
    expect(await holes()).toEqual([{ incarnation: start(1), fromSeq: 3, toSeq: 4 }]);
    await bus.publish(batch.slice(2, 4));
    await taken();
    expect(await holes()).toEqual([]);
    expect(await figure('sallyport_audit_records_missing')).toBe(0);
    expect(await stored()).toBe(3);
  });

  it('that are missing from the beginning of a start are a hole as those in the middle are', async () => {
    await new StreamAuditBus({ broker, mac, workerId: 'worker-1' }).publish(calls(start(1), 2).slice(2));
    await taken();
    expect(await holes()).toEqual([{ incarnation: start(1), fromSeq: 1, toSeq: 2 }]);
    expect(await figure('sallyport_audit_records_missing')).toBe(2);
  });

  it('come again when the database was away, and none is lost or doubled', async () => {
    const bus = new StreamAuditBus({ broker, mac, workerId: 'worker-1' });
    await bus.publish(calls(start(1), 5));
    await taken();
    const { pathname } = new URL(world.database.url);
    const elsewhere = new URL(world.database.url);
    elsewhere.pathname = '/postgres';
    const onServer = (statement: string) => withDatabase(elsewhere.href, async (client) => void (await client.query(statement)));
    const database = pathname.slice(1);
    await onServer(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
    await onServer(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'`);
    await bus.publish(calls(start(1), 5, 5));
    await failing();
    await onServer(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`);
    await taken();
    expect(await stored()).toBe(10);
    expect(await holes()).toEqual([]);
    expect(cluster.records(TOPIC.auditRejected).filter((record) => record.key !== 'marker')).toEqual([]);
  });

  it('come again when the database breaks off while it stores them: what it did not refuse is no dead letter', async () => {
    const bus = new StreamAuditBus({ broker, mac, workerId: 'worker-1' });
    const batch = calls(start(1), 1);
    await bus.publish(batch.slice(0, 1));
    await taken();
    await withDatabase(world.database.url, async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM audit_heads WHERE organisation_id = $1 FOR UPDATE', [organisationId]);
      await bus.publish(batch.slice(1));
      while (rejected().length === 0 && !isDisturbed()) {
        await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
      }
      await client.query('COMMIT');
    });
    await taken();
    expect(rejected()).toEqual([]);
    expect(await holes()).toEqual([]);
    expect(await figure('sallyport_audit_records_missing')).toBe(0);
  });

  const isDisturbed = (): boolean => world.logLines.some((line) => line.includes('audit.disturbed'));

  /** Resolves when a batch failed and was handed back. */
  async function failing(): Promise<void> {
    while (!isDisturbed()) await new Promise((resolve) => setImmediate(resolve));
  }
});
