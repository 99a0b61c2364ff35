import { describe, expect, it } from 'vitest';

import { SinkFleet } from './sink-fleet.js';
import type { SinkPlan } from './sink-plan.js';
import { ExportWorld } from './testing/export-world.js';
import { InProcessReceiver } from './testing/in-process-sink-type.js';

const LEASE_MS = 6_000;

/** Several processes over the same sinks, each of which has a receiver of its own. */
class Processes {
  readonly world = new ExportWorld({ limits: { leaseMs: LEASE_MS } });
  readonly receivers: readonly InProcessReceiver[];
  private readonly fleets = new Map<string, SinkFleet>();
  /** Who has each sink open. */
  private readonly openBy = new Map<string, string>();

  constructor(
    sinks: number,
    private readonly over: (n: number) => Parameters<ExportWorld['plan']>[1] = () => ({}),
  ) {
    this.receivers = Array.from({ length: sinks }, () => new InProcessReceiver());
  }

  start(name: string): SinkFleet {
    const fleet = new SinkFleet(this.world.parts(), name);
    this.fleets.set(name, fleet);
    fleet.apply(this.receivers.map((receiver, n) => this.planOf(name, receiver, n)));
    return fleet;
  }

  async stop(name: string): Promise<void> {
    const closing = this.fleets.get(name)?.close(10_000);
    this.fleets.delete(name);
    await this.world.pass(100);
    await closing;
  }

  /** Lets time pass in which each second an event comes; answers the ids. */
  async run(seconds: number): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let second = 0; second < seconds; second += 1) {
      ids.push(...this.world.add(1));
      await this.world.pass(1_000);
    }
    return ids;
  }

  /** How many sinks each process exports to. */
  shares(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const name of this.openBy.values()) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  }

  async end(): Promise<void> {
    for (const name of [...this.fleets.keys()]) await this.stop(name);
  }

  private planOf(name: string, receiver: InProcessReceiver, n: number): SinkPlan {
    const plan = this.world.plan(receiver, { sinkId: `sink-${n}`, ...this.over(n) });
    const open: SinkPlan['type']['open'] = (...given) => {
      const sink = plan.type.open(...given);
      this.openBy.set(plan.sinkId, name);
      const close = async (): Promise<void> => {
        if (this.openBy.get(plan.sinkId) === name) this.openBy.delete(plan.sinkId);
        await sink.close();
      };
      return { ...sink, close };
    };
    return { ...plan, type: { ...plan.type, open } };
  }
}

describe('fleets over the same sinks', () => {
  it('share them out when a second one comes, and every event still arrives once, in order', async () => {
    const processes = new Processes(10);
    processes.start('one');
    const ids = [...(await processes.run(5))];
    expect(processes.shares()).toEqual({ one: 10 });
    processes.start('two');
    ids.push(...(await processes.run(20)));
    expect(processes.shares()).toEqual({ one: 5, two: 5 });
    for (const receiver of processes.receivers) expect(receiver.arrivals).toEqual(ids);
    await processes.end();
  });

  it('have at most an nth each, rounded up, however many come', async () => {
    const processes = new Processes(7);
    const ids: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      processes.start(name);
      ids.push(...(await processes.run(15)));
    }
    expect(Object.values(processes.shares()).sort()).toEqual([1, 3, 3]);
    for (const receiver of processes.receivers) expect(receiver.arrivals).toEqual(ids);
    await processes.end();
  });

  it('take over at once what one leaves that stops', async () => {
    const processes = new Processes(6);
    for (const name of ['one', 'two']) processes.start(name);
    const ids = [...(await processes.run(20))];
    await processes.stop('one');
    ids.push(...(await processes.run(4)));
    expect(processes.shares()).toEqual({ two: 6 });
    for (const receiver of processes.receivers) expect(receiver.arrivals).toEqual(ids);
    await processes.end();
  });

  it('leave each sink where it is while nobody comes or goes', async () => {
    const processes = new Processes(9);
    for (const name of ['one', 'two']) processes.start(name);
    await processes.run(20);
    const holders = holdersOf(processes);
    await processes.run(60);
    expect(holdersOf(processes)).toEqual(holders);
    await processes.end();
  });

  it('do not push a sink to and fro that the others do not take', async () => {
    const processes = new Processes(4);
    processes.start('one');
    await processes.run(3);
    // It says that it is there, and has no plan for any of these sinks.
    const idle = new SinkFleet(processes.world.parts(), 'idle');
    idle.apply([]);
    const ids = await processes.run(120);
    expect(processes.shares()).toEqual({ one: 4 });
    expect(Math.max(...holdersOf(processes))).toBe(2);
    for (const receiver of processes.receivers) expect(receiver.arrivals.slice(3)).toEqual(ids);
    const closing = idle.close(1_000);
    await processes.end();
    await closing;
  });

  it('keep those whose receivers acknowledge nothing, which a change of hands costs duplicates, while others can be given', async () => {
    const processes = new Processes(4, (n) => ({ kind: { resendMs: n < 2 ? 30_000 : 0 } }));
    processes.start('one');
    await processes.run(5);
    processes.start('two');
    const ids = await processes.run(20);
    expect(processes.shares()).toEqual({ one: 2, two: 2 });
    for (const receiver of processes.receivers) expect(receiver.arrivals.slice(5)).toEqual(ids);
    await processes.end();
  });

  it('change hands only when a delivery that is under way has ended, and its cursor is written', async () => {
    const processes = new Processes(2);
    let release = (): void => undefined;
    const waits = new Promise<void>((resolve) => (release = resolve));
    for (const receiver of processes.receivers) receiver.behave(async (batch) => (await waits, receiver.keep(batch)));
    processes.start('one');
    const ids = processes.world.add(3);
    await processes.world.pass(1_000);
    processes.start('two');
    await processes.world.pass(20_000);
    expect(processes.shares()).toEqual({ one: 2 });
    release();
    await processes.world.pass(10_000);
    expect(processes.shares()['one']).toBe(1);
    const more = await processes.run(5);
    expect(processes.shares()).toEqual({ one: 1, two: 1 });
    for (const receiver of processes.receivers) expect(receiver.arrivals).toEqual([...ids, ...more]);
    await processes.end();
  });
});

describe('an exporter that is to hand its sink over', () => {
  it('keeps it while events behind one that is to come again were taken, which would come twice from another', async () => {
    const { world, receiver, plan } = halfTaken();
    const exporter = world.export(plan);
    const ids = world.add(5);
    await world.pass(2_000);
    exporter.handOver();
    await world.pass(20_000);
    expect(exporter.isHolding).toBe(true);
    receiver.behave(null);
    await world.pass(60_000);
    world.export(plan);
    await world.pass(10_000);
    expect([...receiver.arrivals].sort()).toEqual(ids);
  });

  it.each([
    ['waits for events', 'active', async () => undefined],
    ['backs off', 'backoff', (receiver: InProcessReceiver) => receiver.away()],
    ['is paused', 'paused', (receiver: InProcessReceiver) => receiver.refuseCredentials()],
  ] as const)('gives it back at once when it %s, and leaves it to others for the time of a lease', async (_, state, put) => {
    const world = new ExportWorld();
    const receiver = new InProcessReceiver();
    await put(receiver);
    const plan = world.plan(receiver);
    const exporter = world.export(plan);
    world.add(1);
    await world.pass(1_000);
    expect([exporter.isHolding, (await world.progress(plan)).state]).toEqual([true, state]);
    exporter.handOver();
    await world.pass(world.parts().limits.leaseMs - 1_000);
    expect([exporter.isHolding, exporter.cameBackMs]).toEqual([false, null]);
    await world.pass(world.parts().limits.leaseMs);
    expect([exporter.isHolding, exporter.cameBackMs]).toEqual([true, expect.any(Number)]);
  });
});

/** A receiver that keeps all but the first event of the first batch, which it wants again, and then takes nothing. */
function halfTaken(): { readonly world: ExportWorld; readonly receiver: InProcessReceiver; readonly plan: SinkPlan } {
  const world = new ExportWorld();
  const receiver = new InProcessReceiver();
  let tries = 0;
  receiver.behave((batch) => {
    tries += 1;
    if (tries > 1) return { kind: 'unavailable', reason: 'away' };
    receiver.keep(batch, (index) => index > 0);
    return { kind: 'partly', rejected: [], again: [0] };
  });
  return { world, receiver, plan: world.plan(receiver) };
}

/** How many holders each sink has had. */
function holdersOf({ world, receivers }: Processes): readonly number[] {
  return receivers.map((receiver, n) => world.store.fenceOf(world.plan(receiver, { sinkId: `sink-${n}` })));
}
