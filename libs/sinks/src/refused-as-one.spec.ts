import { describe, expect, it } from 'vitest';

import type { Delivery, OutgoingBatch } from './sink.js';
import { ExportWorld } from './testing/export-world.js';
import { InProcessReceiver } from './testing/in-process-sink-type.js';

const HOUR_MS = 3_600_000;

/** What a receiver's HTTP 500 comes to where the protocol forbids to send again. */
function refusedAsOne({ events }: OutgoingBatch): Delivery {
  return { kind: 'partly', rejected: events.map((_, index) => ({ index, reason: 'The receiver answered HTTP 500.' })), again: [], asOne: true };
}

describe('a receiver that refuses requests as a whole', () => {
  it('costs a batch and then single events, ever more rarely, and needs nobody when it is well again', async () => {
    const world = new ExportWorld();
    const receiver = new InProcessReceiver();
    const plan = world.plan(receiver, { kind: { maxEvents: 1_000 } });
    const sizes: number[] = [];
    receiver.behave((batch) => (sizes.push(batch.events.length), refusedAsOne(batch)));
    const ids = [...world.add(1_000)];
    world.export(plan);
    for (let passed = 0; passed < 2 * HOUR_MS; passed += 60_000) {
      ids.push(...world.add(100));
      await world.pass(60_000);
    }
    expect(sizes[0]).toBe(1_000);
    expect(new Set(sizes.slice(1))).toEqual(new Set([1]));
    expect(sizes.length).toBeLessThan(80);
    const state = await world.progress(plan);
    expect(state).toMatchObject({ state: 'backoff', lastError: { class: 'refused' }, counters: { deadLettered: 1_000 + sizes.length - 1 } });
    expect(state.retryAtMs ?? 0).toBeGreaterThan(world.clock.now());
    const refused = 1_000 + sizes.length - 1;
    receiver.behave(null);
    await world.pass(10 * 60_000);
    expect(receiver.arrivals.filter((id) => ids.includes(id))).toEqual(ids.slice(refused));
    expect(await world.progress(plan)).toMatchObject({ state: 'active', failures: 0, refusedInARow: 0 });
    expect((await world.said()).filter(({ type }) => type === 'export.gap').map(({ export: gap }) => [gap?.from_seq, gap?.to_seq])).toEqual([[1, 1_000], [1_001, refused]]);
  }, 60_000);

  it('is given up after seven days of it', async () => {
    const world = new ExportWorld();
    const receiver = new InProcessReceiver();
    const plan = world.plan(receiver);
    receiver.behave(refusedAsOne);
    world.export(plan);
    world.add(4_000);
    await world.pass(7.2 * 24 * HOUR_MS);
    expect(await world.progress(plan)).toMatchObject({ state: 'paused' });
  }, 60_000);

  it('does not multiply the dead letters of a replay either', async () => {
    const world = new ExportWorld();
    const receiver = new InProcessReceiver();
    const plan = world.plan(receiver);
    world.add(300);
    const exporter = world.export(plan);
    await world.pass(1_000);
    receiver.behave(refusedAsOne);
    await world.administration.replay(plan, { replayId: 'r1', from: 1, to: 300, only: null, eventsPerSecond: 100, reason: 'lost', askedBy: 'member-1' });
    exporter.nudge();
    await world.pass(HOUR_MS);
    expect((await world.progress(plan)).counters.deadLettered).toBeLessThan(100 + 40);
  }, 60_000);
});
