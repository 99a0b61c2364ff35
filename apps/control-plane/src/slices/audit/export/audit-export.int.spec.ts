import type { OrganisationId } from '@sallyport/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { anOrganisation } from '../../../testing/an-organisation.js';
import { exported, homeOf, keysOf, verified } from '../../../testing/audit-trail.js';
import { aCompleted, aDecided, sequenced } from '../../../testing/decision-records.js';

const CALLS = 800;

describe('an export of audit events', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  beforeAll(async () => {
    world = await aControlPlane();
    home = await homeOf(world);
    for (let first = 0; first < CALLS; first += 200) {
      await world.plane.auditBus.publish(sequenced(...Array.from({ length: 200 }, (_, n) => [aDecided(home, first + n), aCompleted(home, first + n)]).flat()));
    }
  });
  afterAll(() => world.close());

  it('is whole, signed, and tied to a signed head', async () => {
    const { status, text } = await exported(world);
    const report = verified(text, await keysOf(world));
    expect({ status, code: report.code, findings: report.findings }).toEqual({ status: 200, code: 0, findings: [] });
    expect(report.events).toBeGreaterThanOrEqual(CALLS * 2);
    expect(report.heads).toMatchObject([{ source: 'trailer', result: 'same' }]);
    expect(report.stream).toBe(home);
  });

  it('of a part is whole too, and of a part that is not there is empty', async () => {
    const keys = await keysOf(world);
    expect(verified((await exported(world, '?from=501&to=1100')).text, keys)).toMatchObject({ code: 0, events: 600, firstSeq: 501, lastSeq: 1100, heads: [{ result: 'same' }] });
    expect(verified((await exported(world, '?from=99999999')).text, keys)).toMatchObject({ code: 0, events: 0 });
    expect(verified((await exported(world, '?from=700&to=3')).text, keys)).toMatchObject({ code: 0, events: 0 });
  });

  it('does not verify when anything of it was changed or left out [audit/verifiable]', async () => {
    const keys = await keysOf(world);
    const { text } = await exported(world, '?from=1&to=50');
    const lines = text.split('\n');
    expect(verified(text.replace('"tool":"echo"', '"tool":"ecko"'), keys).code).toBe(2);
    expect(verified([...lines.slice(0, 20), ...lines.slice(21)].join('\n'), keys).code).toBe(3);
    expect(verified(`${lines.slice(0, 40).join('\n')}\n`, keys).code).toBe(3);
  });

  it.each(['ocsf', 'ecs', 'cef', 'leef'])('is written as %s, an event on each line', async (format) => {
    const { status, text } = await exported(world, `?from=1&to=20&format=${format}`);
    expect([status, text.trimEnd().split('\n').length]).toEqual([200, 20]);
  });

  it('is recorded, with who took what', async () => {
    await exported(world, '?from=1&to=5');
    const { data } = await world.ask('{ auditEvents(filter: { type: "admin.organisation.audit_exported" }, first: 1) { nodes { line identityId } } }');
    const [event] = (data?.['auditEvents'] as { nodes: { line: string }[] }).nodes;
    expect(JSON.parse(event?.line ?? '')).toMatchObject({ actor: { kind: 'member' }, admin: { patch: expect.arrayContaining([{ op: 'add', path: '/last_seq', value: 5 }]) } });
  });

  it('is for auditors and admins, each of their own organisation', async () => {
    const other = await anOrganisation(world, 'Other');
    expect((await exported(world, '', null)).status).toBe(401);
    for (const role of ['viewer', 'policy_manager'] as const) expect((await exported(world, '', await other.tokenOf(role))).status, role).toBe(403);
    const auditor = await other.tokenOf('auditor');
    const { status, text } = await exported(world, '', auditor);
    expect(status).toBe(200);
    expect(text).not.toContain(home);
    expect((await exported(world, '?deployment=true', auditor)).status).toBe(403);
    expect((await exported(world, '?deployment=true')).status).toBe(200);
  });

  it.each(['?from=0', '?from=-1', '?from=x', '?to=1e3', '?format=xml', '?format=__proto__', '?from=1&from=2', '?deployment=maybe'])('refuses %s', async (query) => {
    expect((await exported(world, query)).status).toBe(400);
  });
});
