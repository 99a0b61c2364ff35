import { EVENT_OF_NOTE, type Note, type NotedRecord, type SequencedRecord } from '@sallyport/audit';
import { aNotedCaller } from '@sallyport/audit/testing';
import { MemoryCluster, TOPIC } from '@sallyport/broker';
import { StreamAuditBus } from '@sallyport/event-stream';
import { branded, type EventId, type OrganisationId } from '@sallyport/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { aStreamOfOne } from '../../../testing/a-stream-of-one.js';
import { aDecided, testId } from '../../../testing/decision-records.js';
import { withDatabase } from '../../../testing/tables-of.js';
import { NO_ORGANISATION } from '../store/audit-head.js';

const INCARNATION = testId<EventId>(900);
const caller = aNotedCaller();
const call = { caller, decisionId: testId<NonNullable<Extract<Note, { kind: 'flowTainted' }>['decisionId']>>(7), tool: 'read' };

const OF_ORGANISATION: readonly Note[] = [
  { kind: 'freshnessChanged', lost: 'policy_stale', stampAgeMs: 6_000, revision: branded(3) },
  { kind: 'signInsRefused', sourceIp: '192.0.2.1', reason: 'expired', tokenId: caller.tokenId, identityId: caller.identityId, count: 4, firstAt: branded(1_763_715_600_000), lastAt: branded(1_763_715_601_000) },
  { kind: 'signedIn', caller },
  { kind: 'listServed', caller, policyId: null, policyVersion: null, revision: branded(3), protocolVersion: null, requestId: null, shown: 0, hidden: 2 },
  { kind: 'flowTainted', ...call, mark: 'untrusted', seconds: 60 },
  { kind: 'limitTripped', ...call, ruleId: '/tools/read/limits/c', counter: 'c', windowStartMs: branded(1_763_715_600_000), windowEndMs: branded(1_763_715_660_000), units: '1' },
];
const OF_DEPLOYMENT: readonly Note[] = [
  { kind: 'workerStarted', version: '0.1.0' },
  { kind: 'signInsRefused', sourceIp: null, reason: 'unknown', tokenId: null, identityId: null, count: 4, firstAt: branded(1_763_715_600_000), lastAt: branded(1_763_715_601_000) },
  { kind: 'auditDegraded', reason: 'refused', count: 2, fullPercent: 100 },
  { kind: 'workerStopped' },
];

describe.each(['in one process', 'over a broker'] as const)('what workers note, %s', (way) => {
  let world: TestControlPlane;
  let home: OrganisationId;
  let publish: (batch: readonly SequencedRecord[]) => Promise<void>;
  beforeAll(async () => {
    const cluster = new MemoryCluster();
    const stream = way === 'over a broker' ? await aStreamOfOne(cluster) : undefined;
    world = await aControlPlane(stream === undefined ? {} : { stream });
    publish = stream === undefined ? (batch) => world.plane.auditBus.publish(batch) : (batch) => new StreamAuditBus({ ...stream, workerId: 'worker-1' }).publish(batch);
    const { data } = await world.ask('{ organisation { id } }');
    home = branded<OrganisationId>((data?.['organisation'] as { id: string }).id);
    await publish(batchOf());
    await publish(batchOf());
    if (stream !== undefined) expect(cluster.records(TOPIC.audit).length).toBeGreaterThan(10);
  });
  afterAll(() => world.close());

  const notedBy = (organisationId: OrganisationId | null, notes: readonly Note[], first: number): readonly NotedRecord[] =>
    notes.map((note, at) => ({ kind: 'noted', eventId: testId<EventId>(first + at), organisationId, at: branded(1_763_715_600_000 + at), workerId: 'worker-1', note }));
  const batchOf = (): readonly SequencedRecord[] =>
    [aDecided(home, 7, { effect: 'deny', outcome: 'denied', reasonCode: 'default_deny' }), ...notedBy(home, OF_ORGANISATION, 100), ...notedBy(null, OF_DEPLOYMENT, 200)].map((record, at) => ({ incarnation: INCARNATION, localSeq: at + 1, record }));
  const eventsIn = (organisationId: string) =>
    withDatabase(world.database.url, async (client) => {
      const sql = 'SELECT type, line::jsonb AS event FROM audit_events WHERE organisation_id = $1 AND event_id::text LIKE \'01990000-0000-7000-8000-%\' ORDER BY seq';
      return (await client.query<{ type: string; event: Record<string, unknown> }>(sql, [organisationId])).rows;
    });
  const typesIn = async (organisationId: string) => (await eventsIn(organisationId)).map(({ type }) => type);

  it('arrives', async () => {
    await expect.poll(() => typesIn(NO_ORGANISATION), { timeout: 20_000 }).toContain('worker.stop');
  });

  it('is in its organisation\'s stream, or the deployment\'s, each note once and in order', async () => {
    expect(await typesIn(home)).toEqual(['call.decided', ...OF_ORGANISATION.map(({ kind }) => EVENT_OF_NOTE[kind])]);
    expect(await typesIn(NO_ORGANISATION)).toEqual(OF_DEPLOYMENT.map(({ kind }) => EVENT_OF_NOTE[kind]));
  });

  it('names the start of the worker as its calls do, and is no decision', async () => {
    const events = [...(await eventsIn(home)), ...(await eventsIn(NO_ORGANISATION))];
    expect(new Set(events.map(({ event }) => (event['gateway'] as { instance_id: string }).instance_id))).toEqual(new Set([INCARNATION]));
    const { data } = await world.ask('{ decisions(first: 10) { nodes { decisionId } } }');
    expect((data?.['decisions'] as { nodes: unknown[] }).nodes).toHaveLength(1);
  });
});
