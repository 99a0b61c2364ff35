import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { OrganisationId } from '@sallyport/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { BATCHED_CALLS } from '../../../testing/audit-batches.js';
import { exported, homeOf, keysOf, verified } from '../../../testing/audit-trail.js';
import { withDatabase } from '../../../testing/tables-of.js';

const root = fileURLToPath(new URL('../../../../../../', import.meta.url));
const child = fileURLToPath(new URL('../../../../dist/testing/audit-child.js', import.meta.url));
const KILLS = 22;

describe('a sequencer whose process is killed', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  const places: { size: number; events: number; newest: number; leaves: number }[] = [];
  const signals: (NodeJS.Signals | null)[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, [`${root}test/quality/build.mjs`]);
    world = await aControlPlane();
    home = await homeOf(world);
    for (let kill = 0; kill < KILLS; kill += 1) {
      // Later runs go through what is stored already first; so that they come further, they get more statements.
      signals.push(await run(3 + kill * 7 + ((kill * 5) % 9)));
      places.push(await place());
    }
    signals.push(await run(Number.POSITIVE_INFINITY));
  }, 240_000);
  afterAll(() => world.close());

  /** Runs the writer, and kills it at the statement of that number. */
  async function run(statements: number): Promise<NodeJS.Signals | null> {
    const writer = spawn(process.execPath, [child, world.database.url, home, world.dataFolder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => writer.once('exit', (_, signal) => resolve(signal)));
    let begun = 0;
    for await (const line of createInterface({ input: writer.stdout })) {
      if (line === 'statement') begun += 1;
      if (begun >= statements) writer.kill('SIGKILL');
    }
    return ended;
  }

  const place = () =>
    withDatabase(world.database.url, async (client) => {
      const { rows } = await client.query(
        `SELECT h.size::int AS size, (SELECT count(*)::int FROM audit_events e WHERE e.organisation_id = h.organisation_id) AS events,
          (SELECT max(seq)::int FROM audit_events e WHERE e.organisation_id = h.organisation_id) AS newest,
          (SELECT (sum(length(hashes)) / 32)::int FROM audit_tiles t WHERE t.organisation_id = h.organisation_id AND level = 0) AS leaves
         FROM audit_heads h WHERE organisation_id = $1`,
        [home],
      );
      return rows[0];
    });

  it('leaves head, events and tree in step wherever it was', () => {
    expect(signals.filter((signal) => signal === 'SIGKILL').length).toBeGreaterThanOrEqual(20);
    for (const { size, events, newest, leaves } of places) expect([events, newest, leaves]).toEqual([size, size, size]);
    expect(new Set(places.map(({ size }) => size)).size).toBeGreaterThan(5);
  });

  it('has every record once in the end, in order, in a chain that verifies [audit/one-chain]', async () => {
    const { text } = await exported(world);
    expect(verified(text, await keysOf(world))).toMatchObject({ code: 0, findings: [] });
    const calls = text.split('\n').filter((line) => line.includes('"type":"call.')).map((line) => JSON.parse(line) as { type: string; decision: { decision_id: string } });
    expect(new Set(calls.map(({ type, decision }) => `${type} ${decision.decision_id}`)).size).toBe(BATCHED_CALLS * 2);
    expect(calls.length).toBe(BATCHED_CALLS * 2);
    const decided = calls.filter(({ type }) => type === 'call.decided').map(({ decision }) => decision.decision_id);
    expect(decided).toEqual([...decided].sort());
  });
});
