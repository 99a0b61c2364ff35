import type { OrganisationId } from '@sallyport/kernel';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { exported, homeOf, keysOf, verified } from '../../../testing/audit-trail.js';
import { aDecided, sequenced } from '../../../testing/decision-records.js';
import { withDatabase } from '../../../testing/tables-of.js';
import { AuditHub } from '../store/audit-hub.js';
import { AuditPartitions } from '../store/audit-partitions.js';
import { AuditTrail } from '../store/audit-trail.js';
import { Sequencer } from '../store/sequencer.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import { openAuditKeys } from '@sallyport/signatures-ed25519';
import { CursorHolds } from './cursor-holds.js';
import { RetentionSweep } from './retention-sweep.js';

const DAY_MS = 86_400_000;

describe('the retention of audit events', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  let dataSource: DataSource;
  let holds: CursorHolds;
  let sweep: RetentionSweep;
  beforeEach(async () => {
    world = await aControlPlane();
    home = await homeOf(world);
    dataSource = await new DataSource({ type: 'postgres', url: world.database.url, installExtensions: false }).initialize();
    const partitions = new AuditPartitions(dataSource);
    const sequencer = new Sequencer(partitions, openAuditKeys(world.dataFolder), world.clock, new ControlPlaneMetrics());
    holds = new CursorHolds();
    sweep = new RetentionSweep(dataSource, new AuditTrail(dataSource, sequencer, new AuditHub()), partitions, holds, world.clock);
    await calls(1);
    await world.plane.signAuditHeads();
    world.clock.advance(40 * DAY_MS);
    await calls(1_001);
    await world.plane.signAuditHeads();
  });
  afterEach(async () => {
    await dataSource.destroy();
    await world.close();
  });

  const calls = (from: number) => world.plane.auditBus.publish(sequenced(...Array.from({ length: 30 }, (_, n) => aDecided(home, from + n, { effect: 'deny', outcome: 'denied' }))));
  const set = async (input: object) => {
    const { data } = await world.ask('mutation ($input: SetAuditRetentionInput!) { setAuditRetention(input: $input) { __typename ... on Refusal { code } ... on SetAuditRetentionPayload { retention { days legalHold holdReason } } } }', { variables: { input } });
    return data?.['setAuditRetention'];
  };
  const stored = () =>
    withDatabase(world.database.url, async (client) => {
      const { rows } = await client.query(`SELECT min(seq)::int AS oldest, count(*)::int AS events FROM audit_events WHERE organisation_id = '${home}'`);
      const partitions = await client.query("SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_events'::regclass ORDER BY 1");
      return { ...(rows[0] as { oldest: number; events: number }), partitions: partitions.rows.map(({ name }) => String(name)) };
    });

  it('keeps everything where nobody said how long', async () => {
    const before = await stored();
    await sweep.run();
    expect(await stored()).toEqual(before);
  });

  it('removes what is past, says so in the stream, and leaves the rest provable', async () => {
    await set({ days: 30 });
    await sweep.run();
    const { oldest } = await stored();
    expect(oldest).toBeGreaterThan(30);
    const { text } = await exported(world);
    expect(verified(text, await keysOf(world))).toMatchObject({ code: 0, findings: [], firstSeq: oldest, heads: [{ result: 'same' }] });
    expect(text).toContain('"type":"admin.organisation.audit_events_removed"');
    await world.plane.signAuditHeads();
    const { data } = await world.ask('{ auditStreams { alarm oldestSeq } }');
    expect(data?.['auditStreams']).toEqual([{ alarm: null, oldestSeq: oldest }]);
  });

  it('drops a month as a whole once no stream needs it', async () => {
    expect((await stored()).partitions).toContain('audit_events_2026_11');
    holds.add(async () => 3);
    await set({ days: 30 });
    await sweep.run();
    expect((await stored()).partitions).toContain('audit_events_2026_11');
    await set({ outrunSinks: true });
    await sweep.run();
    expect((await stored()).partitions).not.toContain('audit_events_2026_11');
    await calls(2_001);
    expect(verified((await exported(world)).text, await keysOf(world))).toMatchObject({ code: 0, findings: [] });
  });

  it('removes nothing while there is a hold, which needs a reason', async () => {
    expect(await set({ days: 30, legalHold: true })).toEqual({ __typename: 'Refusal', code: 'audit.reason_needed' });
    expect(await set({ days: 30, legalHold: true, reason: 'case 17' })).toMatchObject({ retention: { days: 30, legalHold: true, holdReason: 'case 17' } });
    const before = await stored();
    await sweep.run();
    expect(await stored()).toEqual(before);
    await set({ legalHold: false, reason: 'case 17 is closed' });
    await sweep.run();
    expect((await stored()).oldest).toBeGreaterThan(30);
    const { data } = await world.ask('{ auditEvents(filter: { type: "admin.organisation.retention_changed" }) { nodes { line } } }');
    expect((data?.['auditEvents'] as { nodes: unknown[] }).nodes).toHaveLength(2);
  });

  it('waits for a sink that has not got what is past, unless it is told not to', async () => {
    const { oldest } = await stored();
    holds.add(async () => oldest + 4);
    await set({ days: 30 });
    await sweep.run();
    expect((await stored()).oldest).toBe(oldest + 5);
    await set({ outrunSinks: true });
    await sweep.run();
    expect((await stored()).oldest).toBeGreaterThan(30);
  });

  it.each([{ days: 0 }, { days: -1 }, { days: 40_000 }])('refuses %o', async (input) => {
    expect(await set(input)).toEqual({ __typename: 'Refusal', code: 'audit.bad_days' });
  });
});
