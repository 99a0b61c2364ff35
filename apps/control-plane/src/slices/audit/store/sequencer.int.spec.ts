import type { OrganisationId } from '@sallyport/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { exported, homeOf, keysOf, verified } from '../../../testing/audit-trail.js';
import { aDecided, sequenced } from '../../../testing/decision-records.js';
import { withDatabase } from '../../../testing/tables-of.js';

/** More than two statements hold. */
const MANY = 300;

describe('a list of events that takes several statements', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  beforeAll(async () => {
    world = await aControlPlane();
    home = await homeOf(world);
    await world.plane.auditTold();
  });
  afterAll(() => world.close());

  const batch = (first: number) => sequenced(...Array.from({ length: MANY }, (_, n) => aDecided(home, first + n, { tool: n === MANY - 5 ? 'one_near_the_end' : 'echo' })));
  const rows = (sql: string) => withDatabase(world.database.url, async (client) => (await client.query(sql)).rows);
  const stored = async () => (await rows(`SELECT count(*)::int AS calls, count(DISTINCT observed)::int AS instants, max(seq) - min(seq) + 1 = count(*) AS together
    FROM (SELECT seq, sequenced_at AS observed FROM audit_events WHERE organisation_id = '${home}' AND type = 'call.decided') AS calls`))[0];
  const growth = async () => (await rows(`SELECT size::int, (SELECT (sum(length(hashes)) / 32)::int FROM audit_tiles WHERE organisation_id = '${home}' AND level = 0) AS leaves FROM audit_heads WHERE organisation_id = '${home}'`))[0];

  it('is stored whole or not at all', async () => {
    const before = await growth();
    await rows(`ALTER TABLE audit_events ADD CONSTRAINT not_that_one CHECK (tool <> 'one_near_the_end')`);
    await expect(world.plane.auditBus.publish(batch(1))).rejects.toThrow('not_that_one');
    await rows('ALTER TABLE audit_events DROP CONSTRAINT not_that_one');
    expect(await stored()).toMatchObject({ calls: 0 });
    expect(await growth()).toEqual(before);
  });

  it('stands together in the stream, taken in at one instant, in a chain and a tree that verify', async () => {
    await world.plane.auditBus.publish(batch(1));
    expect(await stored()).toEqual({ calls: MANY, instants: 1, together: true });
    const { size, leaves } = await growth();
    expect(leaves).toBe(size);
    await world.plane.signAuditHeads();
    const { text } = await exported(world);
    expect(verified(text, await keysOf(world))).toMatchObject({ code: 0, findings: [] });
    const tools = text.split('\n').filter((line) => line.includes('"call.decided"')).map((line) => (JSON.parse(line) as { mcp: { tool: string } }).mcp.tool);
    expect(tools.indexOf('one_near_the_end')).toBe(MANY - 5);
  });
});
