import { describe, expect, it } from 'vitest';

import { SinkFleet } from './sink-fleet.js';
import { readSinkHealth } from './sink-health.js';
import type { SinkPlan } from './sink-plan.js';
import { ExportWorld } from './testing/export-world.js';
import { InProcessReceiver } from './testing/in-process-sink-type.js';

describe('a fleet of sinks', () => {
  it('brings each sink its stream though others hang, away from their signal [sinks/apart]', async () => {
    const { world, fleet } = opened();
    const receivers = Array.from({ length: 8 }, () => new InProcessReceiver());
    for (const hung of receivers.slice(0, 3)) hung.behave(() => new Promise(() => undefined));
    fleet.apply(receivers.map((receiver, n) => world.plan(receiver, { sinkId: `sink-${n}` })));
    const ids: string[] = [];
    for (let second = 0; second < 60; second += 1) {
      ids.push(...world.add(20));
      await world.pass(1_000);
    }
    await world.pass(1_000);
    for (const receiver of receivers.slice(3)) expect(receiver.arrivals).toEqual(ids);
    await closed(world, fleet);
  });

  it('leaves the other sinks alone when one starts, stops or is set up anew', async () => {
    const { world, fleet } = opened();
    const [one, other, third] = [new InProcessReceiver(), new InProcessReceiver(), new InProcessReceiver()];
    const plans = [one, other].map((receiver, n) => world.plan(receiver, { sinkId: `sink-${n}` }));
    fleet.apply(plans);
    world.add(5);
    await world.pass(1_000);
    const stays = plans[0] as SinkPlan;
    fleet.apply([stays, world.plan(other, { sinkId: 'sink-1', version: 2, filter: { types: ['none.*'], outcomes: [] } }), world.plan(third, { sinkId: 'sink-2', startAfter: 5 })]);
    await world.pass(1_000);
    world.add(2);
    await world.pass(2_000);
    expect([one, other, third].map((receiver) => receiver.arrivals.length)).toEqual([7, 5, 2]);
    fleet.apply([stays]);
    await world.pass(1_000);
    world.add(1);
    await world.pass(2_000);
    expect([one, other, third].map((receiver) => [receiver.arrivals.length, receiver.connections])).toEqual([[8, 1], [5, 0], [2, 0]]);
    await closed(world, fleet);
  });

  it('closes within its bound though a delivery and a close never end', async () => {
    const { world, fleet } = opened();
    const receiver = new InProcessReceiver();
    receiver.behave(() => new Promise(() => undefined));
    const plan = world.plan(receiver);
    const type: SinkPlan['type'] = { ...plan.type, open: (...given) => ({ ...plan.type.open(...given), close: () => new Promise(() => undefined) }) };
    fleet.apply([{ ...plan, type }]);
    world.add(1);
    await world.pass(1_000);
    const closing = fleet.close(10_000);
    await world.pass(10_000);
    await expect(closing).resolves.toBeUndefined();
  });

  it('is taken over by the fleet of another process within the time of a lease', async () => {
    const { world, fleet } = opened();
    const receiver = new InProcessReceiver();
    const plan = world.plan(receiver);
    fleet.apply([plan]);
    const before = world.add(3);
    await world.pass(1_000);
    const second = new SinkFleet(world.parts(), 'process-2');
    second.apply([plan]);
    await world.pass(20_000);
    await closed(world, fleet);
    const after = world.add(3);
    await world.pass(31_000);
    expect(receiver.arrivals).toEqual([...before, ...after]);
    await closed(world, second);
  });

  it('holds no more in memory than it may, and lets organisations in by turns', async () => {
    const world = new ExportWorld({ room: { totalBytes: 3_000_000, organisationBytes: 2_000_000 } });
    const fleet = new SinkFleet(world.parts(), 'process-1');
    const [crowd, lone] = ['0199c8b4-1111-7000-8000-0000000000aa', '0199c8b4-1111-7000-8000-0000000000bb'];
    const hung = Array.from({ length: 6 }, () => new InProcessReceiver());
    for (const receiver of hung) receiver.behave(() => new Promise(() => undefined));
    const healthy = new InProcessReceiver();
    fleet.apply([
      ...hung.map((receiver, n) => world.plan(receiver, { organisationId: crowd, sinkId: `sink-${n}` })),
      world.plan(healthy, { organisationId: lone, sinkId: 'sink-lone' }),
    ]);
    world.add(10, { stream: crowd });
    const ids = world.add(10, { stream: lone });
    await world.pass(2_000);
    expect(healthy.arrivals).toEqual(ids);
    expect(world.room.bytes).toBeLessThanOrEqual(2_000_000);
    await closed(world, fleet);
  });
});

describe('the health of a sink', () => {
  it('shows how far behind it is, since when, how fast it was, and what it promises', async () => {
    const { world, fleet } = opened();
    const receiver = new InProcessReceiver();
    const plan = world.plan(receiver);
    const health = () => readSinkHealth(plan, { store: world.store, source: world.source, nowMs: world.clock.now() });
    expect(await health()).toBeNull();
    fleet.apply([plan]);
    world.add(120);
    await world.pass(1_000);
    expect(await health()).toMatchObject({ state: 'active', lagEvents: 0, lagSeconds: 0, oldestUndelivered: null, eventsPerSecond: 2, destination: 'memory:here', guarantee: 'At least once to this process.' });
    await receiver.away();
    world.add(7);
    await world.pass(90_000);
    expect(await health()).toMatchObject({ state: 'backoff', lagEvents: 7, lagSeconds: 90, oldestUndelivered: { seq: 121 }, eventsPerSecond: 0, lastError: { class: 'unavailable' }, waitingDeadLetters: 0 });
    expect(JSON.stringify(await health())).not.toContain('very_secret');
    await closed(world, fleet);
  });
});

function opened(): { readonly world: ExportWorld; readonly fleet: SinkFleet } {
  const world = new ExportWorld();
  return { world, fleet: new SinkFleet(world.parts(), 'process-1') };
}

async function closed(world: ExportWorld, fleet: SinkFleet): Promise<void> {
  const closing = fleet.close(10_000);
  await world.pass(10_000);
  await closing;
}
