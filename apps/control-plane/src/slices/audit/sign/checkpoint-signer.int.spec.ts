import { parseNote } from '@sallyport/audit-chain';
import type { OrganisationId } from '@sallyport/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { exported, homeOf, keysOf, verified } from '../../../testing/audit-trail.js';
import { aDecided, sequenced } from '../../../testing/decision-records.js';
import { withDatabase } from '../../../testing/tables-of.js';
import { FileHeadMemory } from './file-head-memory.js';

const TABLES = ['audit_heads', 'audit_events', 'audit_tiles', 'audit_signed', 'audit_checkpoints'];
const DAY_MS = 86_400_000;

describe('the signer of audit streams', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  beforeEach(async () => {
    world = await aControlPlane();
    home = await homeOf(world);
  });
  afterEach(() => world.close());

  const sql = (statement: string) => withDatabase(world.database.url, async (client) => (await client.query(statement)).rows);
  const calls = (from: number, count: number) => world.plane.auditBus.publish(sequenced(...Array.from({ length: count }, (_, n) => aDecided(home, from + n, { effect: 'deny', outcome: 'denied' }))));
  const head = async () => {
    const { data } = await world.ask('{ auditStreams { size signedSize signedAt alarm } }');
    return (data?.['auditStreams'] as { size: number; signedSize: number; signedAt: string; alarm: string | null }[])[0];
  };
  const note = async () => String(((await world.ask('{ auditCheckpoint { note } }')).data?.['auditCheckpoint'] as { note: string }).note);
  /** As Prometheus reads it. */
  const alarms = async () => (await world.plane.metrics.getSingleMetric('sallyport_audit_alarms')?.get())?.values[0]?.value;
  const copyDatabase = async () => {
    for (const table of TABLES) await sql(`CREATE TABLE copy_of_${table} AS SELECT * FROM ${table}`);
  };
  const bringCopyBack = async () => {
    for (const table of TABLES) await sql(`TRUNCATE ${table}; INSERT INTO ${table} SELECT * FROM copy_of_${table}`);
  };
  const acknowledge = async (stream: string = home) => {
    const mutation = 'mutation ($input: AcknowledgeAuditResetInput!) { acknowledgeAuditReset(input: $input) { __typename ... on Refusal { code } ... on AcknowledgeAuditResetPayload { size } } }';
    return (await world.ask(mutation, { variables: { input: { stream, reason: 'brought back from the copy' } } })).data?.['acknowledgeAuditReset'] as { __typename: string; code?: string };
  };

  it('signs a head that continues what it signed before', async () => {
    await calls(1, 300);
    await world.plane.signAuditHeads();
    const first = await head();
    await calls(1_001, 300);
    await world.plane.signAuditHeads();
    const second = await head();
    expect(first?.alarm).toBeNull();
    expect(first?.signedSize).toBeGreaterThanOrEqual(300);
    expect(second?.alarm).toBeNull();
    expect(second?.signedSize).toBeGreaterThanOrEqual((first?.signedSize ?? 0) + 300);
  });

  it('refuses a database that was brought back from a copy, however much is added to it, until an operator says why [audit/no-second-past]', async () => {
    await calls(1, 20);
    await world.plane.signAuditHeads();
    await copyDatabase();
    await calls(101, 20);
    await world.plane.signAuditHeads();
    const signed = await note();
    await bringCopyBack();
    await world.plane.signAuditHeads();
    expect(await head()).toMatchObject({ alarm: 'shrunk' });
    expect(await alarms()).toBeGreaterThanOrEqual(1);
    await calls(201, 40);
    await world.plane.signAuditHeads();
    const refused = await head();
    expect(refused).toMatchObject({ alarm: 'changed' });
    expect(refused?.signedSize).toBeLessThan(refused?.size ?? 0);
    expect(world.logLines.filter((line) => line.includes('audit.head_refused')).length).toBe(2);
    expect(await note()).not.toBe(signed);

    expect(await acknowledge()).toMatchObject({ __typename: 'AcknowledgeAuditResetPayload' });
    await world.plane.signAuditHeads();
    const after = await head();
    expect(after?.alarm).toBeNull();
    expect(await alarms()).toBe(0);
    expect(after?.signedSize).toBeGreaterThan(refused?.size ?? 0);
    const { data } = await world.ask('{ auditEvents(filter: { type: "admin.organisation.audit_reset_acknowledged" }) { nodes { line } } }');
    expect(JSON.stringify(data)).toContain('brought back from the copy');
    expect(await acknowledge()).toEqual({ __typename: 'Refusal', code: 'audit.no_alarm' });
  });

  it('refuses a stream whose newest event was taken away, and one that is gone', async () => {
    await calls(1, 20);
    await world.plane.signAuditHeads();
    await sql(`DELETE FROM audit_events WHERE organisation_id = '${home}' AND seq = (SELECT size FROM audit_heads WHERE organisation_id = '${home}')`);
    await world.plane.signAuditHeads();
    expect(await head()).toMatchObject({ alarm: 'event_missing' });
    await sql(`DELETE FROM audit_heads WHERE organisation_id = '${home}'`);
    await world.plane.signAuditHeads();
    expect(await alarms()).toBeGreaterThanOrEqual(1);
    expect(await head()).toMatchObject({ size: 0, alarm: 'stream_missing' });
    expect((await head())?.signedSize).toBeGreaterThanOrEqual(20);
    const every = await world.ask('{ auditStreams(scope: deployment) { stream alarm } }');
    expect(every.data?.['auditStreams']).toContainEqual({ stream: home, alarm: 'stream_missing' });
    expect(world.logLines.some((line) => line.includes('stream_missing') && line.includes(home))).toBe(true);
  });

  it('refuses a stream of which a tile was changed', async () => {
    await calls(1, 600);
    await world.plane.signAuditHeads();
    await sql(`UPDATE audit_tiles SET hashes = set_byte(hashes, 5, (get_byte(hashes, 5) + 1) % 256) WHERE organisation_id = '${home}' AND level = 1`);
    await calls(1_001, 300);
    await world.plane.signAuditHeads();
    expect(await head()).toMatchObject({ alarm: 'changed' });
  });

  it('remembers outside of the database', async () => {
    await calls(1, 5);
    await world.plane.signAuditHeads();
    const memory = new FileHeadMemory(world.dataFolder);
    const origin = memory.origins().find((name) => name.endsWith(home)) ?? '';
    expect(memory.recall(origin)?.size).toBe((await head())?.signedSize);
  });

  it('looks again for news after five seconds, and for what stands still after a minute', async () => {
    await calls(1, 5);
    await expect.poll(async () => (await head())?.signedSize, { timeout: 5_000, interval: 50 }).toBeGreaterThanOrEqual(5);
    const before = await head();
    await calls(11, 1);
    world.clock.advance(5_000);
    await expect.poll(async () => (await head())?.signedSize, { timeout: 5_000, interval: 50 }).toBeGreaterThan(before?.signedSize ?? 0);
    const still = await head();
    world.clock.advance(60_000);
    await expect.poll(async () => (await head())?.signedAt, { timeout: 5_000, interval: 50 }).not.toBe(still?.signedAt);
  });

  it('says in the stream itself once a day how far it is signed, which makes no checkpoint by itself', async () => {
    await calls(1, 5);
    await world.plane.signAuditHeads();
    world.clock.advance(DAY_MS);
    await calls(11, 5);
    await world.plane.signAuditHeads();
    const events = await sql(`SELECT seq FROM audit_events WHERE organisation_id = '${home}' AND type = 'audit.checkpoint'`);
    const [state] = await sql(`SELECT h.size, h.news, s.size AS signed FROM audit_heads h JOIN audit_signed s USING (organisation_id) WHERE organisation_id = '${home}'`);
    expect(events).toEqual([{ seq: state.size }]);
    expect([Number(state.news), Number(state.signed)]).toEqual([Number(state.size) - 1, Number(state.size) - 1]);
  });

  it('has a new key follow the old one, which announces it and signs beside it for a day', async () => {
    await calls(1, 5);
    await world.plane.signAuditHeads();
    const [oldKey] = await keysOf(world);
    world.clock.advance(1_000);
    const rotated = await world.ask('mutation { rotateAuditKey(input: { reason: "yearly" }) { __typename ... on RotateAuditKeyPayload { keyId } } }');
    expect(rotated.data?.['rotateAuditKey']).toMatchObject({ __typename: 'RotateAuditKeyPayload' });
    const signersOf = (text: string) => {
      const parsed = parseNote(text);
      return parsed.ok ? parsed.value.signatures.map(({ keyHash }) => keyHash) : [];
    };
    await calls(11, 5);
    await world.plane.signAuditHeads();
    const [newKey] = await keysOf(world);
    expect(signersOf(await note())).toEqual([newKey?.keyHash, oldKey?.keyHash]);
    const { text } = await exported(world);
    expect(text).toContain('"key_epoch":2');
    if (oldKey === undefined) throw new Error('there was no key');
    expect(verified(text, [oldKey])).toMatchObject({ code: 0, findings: [] });

    world.clock.advance(DAY_MS);
    await world.plane.signAuditHeads();
    await calls(21, 5);
    await world.plane.signAuditHeads();
    expect(signersOf(await note())).toEqual([newKey?.keyHash]);
    expect(verified((await exported(world)).text, await keysOf(world))).toMatchObject({ code: 0, findings: [] });
    expect(verified((await exported(world)).text, [oldKey])).toMatchObject({ code: 0, findings: [] });
  });

  it('signs one note over all heads', async () => {
    await calls(1, 5);
    await world.plane.signAuditHeads();
    world.clock.advance(3_600_000);
    await world.plane.signAuditHeads();
    const { data } = await world.ask('{ auditHeadList }');
    const text = String(data?.['auditHeadList']);
    expect(text).toMatch(new RegExp(`^sallyport/[0-9a-f-]{36}/_heads\\n`));
    expect(text).toContain(`/${home} ${(await head())?.signedSize} `);
  });
});
