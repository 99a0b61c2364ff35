import type { OrganisationId } from '@sallyport/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { exported, homeOf, keysOf, verified } from '../../../testing/audit-trail.js';
import { aDecided, sequenced } from '../../../testing/decision-records.js';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-11-21T09:00:00.000Z');

describe('a control plane whose clock is set', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  let calls = 0;
  beforeAll(async () => {
    world = await aControlPlane();
    home = await homeOf(world);
  });
  afterAll(() => world.close());

  const head = async () => ((await world.ask('{ auditStreams { size signedSize alarm } }')).data?.['auditStreams'] as { size: number; signedSize: number; alarm: string | null }[])[0];
  const call = async () => {
    calls += 1;
    const [record] = sequenced(aDecided(home, calls, { effect: 'deny', outcome: 'denied' }));
    if (record !== undefined) await world.plane.auditBus.publish([{ ...record, localSeq: calls }]);
  };
  /** Signed by the beat itself, which nobody asks. */
  const signedInTurn = async () => {
    await call();
    const { size = 0 } = (await head()) ?? {};
    world.clock.advance(5_000);
    await expect.poll(async () => (await head())?.signedSize, { timeout: 10_000, interval: 100 }).toBeGreaterThanOrEqual(size);
  };
  const headListAt = async () => String((await world.ask('{ auditHeadList }')).data?.['auditHeadList']).split('\n')[1];

  it.each([
    ['an hour back', START_MS - HOUR_MS],
    ['a day ahead', START_MS + 24 * HOUR_MS],
    ['where it was', START_MS],
    ['a leap second back', START_MS - 1_000],
  ])('%s, goes on signing what comes within seconds', async (_, wallMs) => {
    await signedInTurn();
    world.clock.setWall(wallMs);
    await signedInTurn();
    expect((await head())?.alarm).toBeNull();
  });

  it('has a stream whose order and whose clock never went back, each call once', async () => {
    const { text } = await exported(world);
    expect(verified(text, await keysOf(world))).toMatchObject({ code: 0, findings: [] });
    const events = text.trimEnd().split('\n').slice(0, -1).map((line) => JSON.parse(line) as { seq: number; type: string; observed_time: string });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    expect(events.map(({ observed_time }) => observed_time)).toEqual(events.map(({ observed_time }) => observed_time).sort());
    expect(events.filter(({ type }) => type === 'call.decided')).toHaveLength(calls);
  });

  it('signs the list of all heads by its own clock, not by one that was ahead', async () => {
    const before = Date.parse((await headListAt()) ?? '');
    world.clock.advance(HOUR_MS + 1_000);
    await signedInTurn();
    const after = Date.parse((await headListAt()) ?? '');
    expect(after).toBeGreaterThan(before);
    expect(after).toBeLessThanOrEqual(world.clock.now());
  });
});
