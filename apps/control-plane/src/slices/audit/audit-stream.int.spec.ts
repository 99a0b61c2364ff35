import { branded, type OrganisationId } from '@sallyport/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { aCompleted, aDecided, sequenced, testId } from '../../testing/decision-records.js';
import { withDatabase } from '../../testing/tables-of.js';

describe('the audit stream of an organisation', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  beforeAll(async () => {
    world = await aControlPlane();
    const { data } = await world.ask('{ organisation { id } }');
    home = branded<OrganisationId>((data?.['organisation'] as { id: string }).id);
  });
  afterAll(() => world.close());
  const rows = (sql: string) => withDatabase(world.database.url, async (client) => (await client.query(sql)).rows);

  it('gets an event for each record, once, in the order of the records', async () => {
    const batch = sequenced(aDecided(home, 1), aDecided(home, 2, { effect: 'deny', outcome: 'denied', reasonCode: 'rule_denied' }), aCompleted(home, 1));
    await world.plane.auditBus.publish(batch);
    await world.plane.auditBus.publish(batch);
    await world.plane.auditBus.publish(sequenced(aDecided(home, 1), aDecided(home, 3), aCompleted(home, 1)));
    const events = await rows(`SELECT seq, type, outcome, event_id, tool, identity_id, line::jsonb->'integrity'->>'prev_hash' AS prev, encode(hash, 'hex') AS hash FROM audit_events WHERE organisation_id = '${home}' AND family = 'call' ORDER BY seq`);
    expect(events.map(({ type, outcome }) => [type, outcome])).toEqual([['call.decided', null], ['call.decided', 'denied'], ['call.completed', 'allowed'], ['call.decided', null]]);
    expect(events[1]?.event_id).toBe(testId(2));
    expect(events[1]?.prev).toBe(events[0]?.hash);
    expect(events[2]).toMatchObject({ tool: 'echo', identity_id: testId(900_002) });
  });

  it('gets one event for a record that a batch holds twice, and for a call whose end comes first', async () => {
    const [decided, completed] = sequenced(aDecided(home, 5), aCompleted(home, 5));
    if (decided === undefined || completed === undefined) throw new Error('no records');
    await world.plane.auditBus.publish([completed, decided, decided, completed]);
    const events = await rows(`SELECT type, seq, line FROM audit_events WHERE organisation_id = '${home}' AND line::jsonb->'decision'->>'decision_id' = '${testId(5)}' ORDER BY seq`);
    expect(events.map(({ type }) => type).sort()).toEqual(['call.completed', 'call.decided']);
    for (const { line } of events) expect(JSON.parse(line)).toMatchObject({ mcp: { tool: 'echo' } });
  });

  it('names what is known of a call besides its record: the server, the kind of tool, the document that decided', async () => {
    await rows(`INSERT INTO servers (organisation_id, server_id, slug, status, transport, url, header_names, timeout_ms, tool_labels, created_at, revision)
      VALUES ('${home}', '${testId(900_001)}', 'everything', 'active', 'http', 'https://user:secret@mcp.example.com:8443/mcp?key=secret', '[]', 1000, '[{"tool":"echo","category":"Read","risk":null}]', now(), 1)`);
    await rows(`INSERT INTO policy_versions (organisation_id, policy_id, version, document, document_hash, note, mode, published_at, revision)
      VALUES ('${home}', '${testId(900_005)}', 1, '{}', '${'ab'.repeat(32)}', '', 'enforced', now(), 1)`);
    await world.plane.auditBus.publish(sequenced(aDecided(home, 11), aCompleted(home, 11), aDecided(home, 12, { tool: 'another' })));
    const [decided, completed, other] = await rows(`SELECT line::jsonb AS event FROM audit_events WHERE organisation_id = '${home}' AND line::jsonb->'decision'->>'decision_id' IN ('${testId(11)}', '${testId(12)}') ORDER BY seq`);
    expect(decided?.event).toMatchObject({ server: { alias: 'everything', host: 'mcp.example.com' }, mcp: { tool: 'echo', effect: 'Read' }, decision: { policy_version: 1, policy_hash: 'ab'.repeat(32) } });
    expect(completed?.event).toMatchObject({ type: 'call.completed', server: { host: 'mcp.example.com' }, mcp: { effect: 'Read' } });
    expect(other?.event.mcp).not.toHaveProperty('effect');
    expect(JSON.stringify([decided, completed])).not.toContain('secret');
  });

  it('says what the gateway ran, how old its policies were, how the server calls the tool, and which marks the identity bore and bears', async () => {
    const said = aDecided(home, 13, { gatewayVersion: '7.8.9', policyAgeMs: 1_234, marksBefore: ['untrusted'] });
    const bare = aDecided(home, 14, { gatewayVersion: null, policyAgeMs: null, definitionHash: null });
    await world.plane.auditBus.publish(sequenced(said, bare));
    await world.plane.auditBus.publish(sequenced(aCompleted(home, 13, { marksLeft: ['seen'] }), aCompleted(home, 14)));
    const events = (await rows(`SELECT line::jsonb AS event FROM audit_events WHERE organisation_id = '${home}' AND line::jsonb->'decision'->>'decision_id' IN ('${testId(13)}', '${testId(14)}') ORDER BY seq`)).map(({ event }) => event);
    const known = { gateway: { instance_id: testId(800_000), version: '7.8.9' }, mcp: { tool: 'echo', tool_upstream: 'echo' }, decision: { policy_age_ms: 1_234, flow_before: ['untrusted'] } };
    expect([events[0], events[2]]).toMatchObject([{ type: 'call.decided', ...known }, { type: 'call.completed', ...known, decision: { ...known.decision, flow_after: ['untrusted', 'seen'] } }]);
    expect(events[0].decision).not.toHaveProperty('flow_after');
    for (const { gateway, mcp, decision } of [events[1], events[3]]) {
      expect([gateway.version, mcp.tool_upstream, decision.policy_age_ms, decision.flow_before, decision.flow_after]).toEqual([undefined, undefined, undefined, undefined, undefined]);
    }
  });

  it('is signed', async () => {
    expect(await world.plane.signAuditHeads()).toBe(true);
    const [checkpoint] = await rows(`SELECT size, note FROM audit_checkpoints WHERE organisation_id = '${home}' ORDER BY size DESC LIMIT 1`);
    expect(checkpoint.note).toContain(`/${home}\n${checkpoint.size}\n`);
  });
});
