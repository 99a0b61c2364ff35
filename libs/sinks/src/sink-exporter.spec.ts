import { describe, expect, it } from 'vitest';

import type { OutgoingBatch } from './sink.js';
import { ExportWorld } from './testing/export-world.js';
import { InProcessReceiver } from './testing/in-process-sink-type.js';

const AWAY = { kind: 'unavailable', reason: 'away' } as const;

describe('exporting', () => {
  it('brings what is there and what comes, in order, and moves the cursor behind it', async () => {
    const { world, receiver, plan } = opened();
    const ids = [...world.add(250)];
    world.export(plan);
    await world.pass(1_000);
    ids.push(...world.add(3));
    await world.pass(1_000);
    expect(receiver.arrivals).toEqual(ids);
    expect(await world.progress(plan)).toMatchObject({ cursor: 253, sent: 253, state: 'active', counters: { delivered: 253 } });
  });

  it('does not move the cursor before the receiver has answered', async () => {
    const { world, receiver, plan } = opened();
    let answer = (): void => undefined;
    receiver.behave((batch) => new Promise((resolve) => (answer = () => resolve(receiver.keep(batch)))));
    world.add(5);
    world.export(plan);
    await world.pass(1_000);
    expect((await world.progress(plan)).cursor).toBe(0);
    answer();
    await world.calm();
    expect((await world.progress(plan)).cursor).toBe(5);
  });

  it('keeps batches within the bounds of count and of bytes', async () => {
    const { world, receiver, plan } = opened({ maxEvents: 7, maxBytes: 20_000 });
    const batches = recordBatches(receiver);
    const ids = [...world.add(20), ...world.add(8, { padding: 6_000 })];
    world.export(plan);
    await world.pass(1_000);
    expect(receiver.arrivals).toEqual(ids);
    expect(Math.max(...batches.map((batch) => batch.events.length))).toBe(7);
    for (const batch of batches) expect(batch.events.reduce((sum, event) => sum + event.stored.line.length, 0)).toBeLessThanOrEqual(20_000);
  });

  it('waits a quarter of a second for a batch to fill, and no longer', async () => {
    const { world, receiver, plan } = opened();
    const batches = recordBatches(receiver);
    world.export(plan);
    await world.pass(10);
    world.add(1);
    await world.pass(200);
    world.add(1);
    expect(batches).toHaveLength(0);
    await world.pass(50);
    expect(batches.map((batch) => batch.events.length)).toEqual([2]);
  });

  it('finds what is new within five seconds when nobody tells it', async () => {
    const { world, receiver, plan } = opened();
    world.export(plan, world.parts({ source: { read: (...asked) => world.source.read(...asked), checkpoint: (stream) => world.source.checkpoint(stream), watch: () => () => undefined } }));
    await world.pass(100);
    const ids = world.add(2);
    await world.pass(5_300);
    expect(receiver.arrivals).toEqual(ids);
  });

  it('sends what the filter lets through, and moves over the rest', async () => {
    const { world, receiver, plan } = opened();
    const wanted = [...world.add(2, { type: 'call.decided', outcome: 'denied' })];
    world.add(3, { type: 'list.served', outcome: 'denied' });
    world.add(3, { type: 'call.completed', outcome: 'allowed' });
    wanted.push(...world.add(1, { type: 'call.completed', outcome: 'denied' }));
    world.add(4, { type: 'auth.failure' });
    world.export({ ...plan, filter: { types: ['call.*'], outcomes: ['denied'] } });
    await world.pass(12_000);
    expect(receiver.arrivals).toEqual(wanted);
    expect(await world.progress(plan)).toMatchObject({ cursor: 13, counters: { delivered: 3, filtered: 10 } });
  });

  it('passes the newest checkpoint along, and names a batch alike in every attempt', async () => {
    const { world, receiver, plan } = opened();
    const batches = recordBatches(receiver, 2);
    world.source.sign(plan.stream, 'a note');
    world.add(4);
    world.export(plan);
    await world.pass(5_000);
    expect(batches).toHaveLength(3);
    expect(new Set(batches.map((batch) => batch.batchId)).size).toBe(1);
    expect(batches[0]).toMatchObject({ checkpoint: 'a note', replay: false });
  });

  it('sends a failed batch again with the same end though more has come meanwhile', async () => {
    const { world, receiver, plan } = opened();
    const batches = recordBatches(receiver, 1);
    world.add(4);
    world.export(plan);
    await world.pass(260);
    world.add(4);
    await world.pass(5_000);
    expect(batches.map((batch) => batch.events.length)).toEqual([4, 4, 4]);
    expect(batches[0]?.batchId).toBe(batches[1]?.batchId);
  });
});

describe('a receiver that takes nothing', () => {
  it('is asked again after 0.5 s that double up to five minutes, at random below that', async () => {
    const { world, receiver, plan } = opened({}, { random: () => 0.999_999 });
    const times: number[] = [];
    receiver.behave(() => (times.push(world.clock.monotonicMs()), AWAY));
    world.add(1);
    world.export(plan);
    await world.pass(3_000_000);
    const gaps = times.slice(1).map((time, at) => Math.round((time - (times[at] ?? 0)) / 1_000));
    expect(gaps.slice(0, 14)).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
  });

  it('shows as backing off, with since when and why, and as active when it is back', async () => {
    const { world, receiver, plan } = opened();
    await receiver.away();
    const ids = world.add(3);
    world.export(plan);
    await world.pass(2_000);
    expect(await world.progress(plan)).toMatchObject({ state: 'backoff', stateReason: 'the receiver is away', cursor: 0, lastError: { class: 'unavailable', reason: 'the receiver is away' } });
    await receiver.back();
    await world.pass(10_000);
    expect(receiver.arrivals).toEqual(ids);
    expect(await world.progress(plan)).toMatchObject({ state: 'active', cursor: 3, failures: 0, failingSinceMs: null, retryAtMs: null });
  });

  it('is left alone for as long as it asks, up to an hour, and not for what is no time', async () => {
    for (const [asked, waited] of [[20_000, 20_000], [5_000_000, 3_600_000], [Number.NaN, 250], [-5, 250], [1e15, 250]] as const) {
      const { world, receiver, plan } = opened();
      const times: number[] = [];
      receiver.behave((batch) => (times.push(world.clock.monotonicMs()), times.length === 1 ? { ...AWAY, retryAfterMs: asked } : receiver.keep(batch)));
      world.add(1);
      world.export(plan);
      await world.pass(3_700_000);
      expect((times[1] ?? 0) - (times[0] ?? 0), `asked for ${asked}`).toBe(waited);
    }
  });

  it('is asked again soon though the wall clock was set an hour back', async () => {
    const { world, receiver, plan } = opened();
    await receiver.away();
    const ids = world.add(3);
    world.export(plan);
    await world.pass(2_000);
    await receiver.back();
    world.clock.setWall(world.clock.now() - 3_600_000);
    await world.pass(10_000);
    expect(receiver.arrivals).toEqual(ids);
    expect(await world.progress(plan)).toMatchObject({ state: 'active', cursor: 3 });
  });

  it('that answers 500 for two hours is asked some forty times, and then gets everything, in order', async () => {
    const { world, receiver, plan } = opened();
    let attempts = 0;
    receiver.behave(() => ((attempts += 1), { kind: 'unavailable', reason: 'The receiver answered HTTP 500.' }));
    const ids = [...world.add(30)];
    world.export(plan);
    await world.pass(3_600_000);
    ids.push(...world.add(30));
    await world.pass(3_600_000);
    expect(attempts).toBeGreaterThan(20);
    expect(attempts).toBeLessThan(80);
    receiver.behave((batch) => receiver.keep(batch));
    await world.pass(300_000);
    expect(receiver.arrivals).toEqual(ids);
    expect(await world.progress(plan)).toMatchObject({ state: 'active', cursor: 60, failures: 0 });
  });

  it('is paused after seven days, which the stream says, and goes on when a person resumes it', async () => {
    const { world, receiver, plan } = opened({}, { limits: { lookMs: 300_000, leaseMs: 900_000 } });
    await receiver.away();
    const ids = world.add(1);
    const exporter = world.export(plan);
    await world.pass(7 * 24 * 3_600_000 + 400_000);
    expect(await world.progress(plan)).toMatchObject({ state: 'paused', pauseCause: 'failing', advice: expect.stringContaining('resume') as string });
    await receiver.back();
    await world.pass(600_000);
    expect(receiver.arrivals).toEqual([]);
    await world.administration.resume(plan, 'member-1');
    exporter.nudge();
    await world.pass(2_000);
    expect(receiver.arrivals.slice(0, 1)).toEqual(ids);
    expect((await world.said()).map((fact) => fact.type)).toEqual(['export.paused', 'export.resumed']);
    expect(receiver.arrivals).toHaveLength(3);
  });

  it('is paused when it refuses the credentials, without the credential in any word, until the settings change', async () => {
    const { world, receiver, plan } = opened();
    receiver.behave(() => ({ kind: 'paused', cause: 'auth', reason: '401 for whsec_very_secret', advice: 'Give another token.' }));
    const ids = world.add(1);
    const exporter = world.export(plan);
    await world.pass(60_000);
    expect(await world.progress(plan)).toMatchObject({ state: 'paused', pauseCause: 'auth', stateReason: '401 for <secret>', advice: 'Give another token.' });
    expect(JSON.stringify(await world.said())).not.toContain('very_secret');
    await exporter.stop();
    receiver.behave(null);
    world.export({ ...plan, version: 2 });
    await world.pass(2_000);
    expect(receiver.arrivals.slice(0, 1)).toEqual(ids);
  });

  it('stays as a person paused it when its settings change, and is resumed from another process within seconds', async () => {
    const { world, receiver, plan } = opened();
    const exporter = world.export(plan);
    await world.pass(100);
    await world.administration.pause(plan, { askedBy: 'member-1', reason: 'maintenance' });
    await world.pass(6_000);
    await exporter.stop();
    world.add(1);
    world.export({ ...plan, version: 2 });
    await world.pass(20_000);
    expect(receiver.arrivals).toEqual([]);
    await world.administration.resume(plan, 'member-1');
    await world.pass(6_000);
    expect(receiver.arrivals).toHaveLength(3);
  });

  it('takes nothing while it is disabled, and what came meanwhile when it is enabled', async () => {
    const { world, receiver, plan } = opened();
    const exporter = world.export({ ...plan, enabled: false });
    const ids = world.add(2);
    await world.pass(20_000);
    expect([receiver.arrivals, (await world.progress(plan)).state]).toEqual([[], 'disabled']);
    await exporter.stop();
    world.export({ ...plan, version: 2 });
    await world.pass(2_000);
    expect(receiver.arrivals.slice(0, 2)).not.toEqual([]);
    expect(receiver.arrivals).toEqual(expect.arrayContaining([...ids]));
  });
});

describe('events that the receiver refuses', () => {
  it('finds the poison alone by halving, keeps it as a dead letter, says so, and brings the rest in order', async () => {
    const { world, receiver, plan } = opened();
    const ids = world.add(33);
    await receiver.poison(ids[20] ?? '');
    world.export(plan);
    await world.pass(20_000);
    expect(receiver.arrivals.slice(0, 32)).toEqual(ids.filter((_, at) => at !== 20));
    expect(await world.store.deadLetters(plan, { state: null, afterSeq: 0, limit: 10 })).toMatchObject([{ seq: 21, reason: 'the receiver answers 400', state: 'waiting' }]);
    expect((await world.said()).map(({ type, export: said }) => [type, said?.from_seq, said?.to_seq, said?.reason])).toEqual([
      ['export.dead_letter', 21, 21, 'the receiver answers 400'],
      ['export.gap', 21, 21, 'dead_letter'],
    ]);
    expect(receiver.arrivals).toHaveLength(34);
  });

  it('keeps what was refused one by one, and sends again only what is to come again', async () => {
    const { world, receiver, plan } = opened();
    const batches: OutgoingBatch[] = [];
    const ids = world.add(6);
    receiver.behave((batch) => {
      batches.push(batch);
      if (batches.length > 1) return receiver.keep(batch);
      receiver.keep(batch, (index) => index !== 1 && index !== 3 && index !== 4);
      return { kind: 'partly', rejected: [{ index: 1, reason: 'mapping' }], again: [3, 4], retryAfterMs: 2_000 };
    });
    world.export(plan);
    await world.pass(1_500);
    expect(await world.progress(plan)).toMatchObject({ cursor: 3, state: 'backoff' });
    await world.pass(2_000);
    expect(batches[1]?.events.map((event) => event.stored.eventId)).toEqual([ids[3], ids[4]]);
    expect((await world.progress(plan)).cursor).toBeGreaterThanOrEqual(6);
    expect([...receiver.arrivals].slice(0, 5).sort()).toEqual(ids.filter((_, at) => at !== 1));
  });

  it('never sends an event that is longer than the receiver takes', async () => {
    const { world, receiver, plan } = opened({ maxEventBytes: 3_000 });
    const [small] = world.add(1);
    world.add(1, { padding: 5_000 });
    const [other] = world.add(1);
    world.export(plan);
    await world.pass(1_000);
    expect(receiver.arrivals.slice(0, 2)).toEqual([small, other]);
    expect(await world.store.deadLetter(plan, 2)).toMatchObject({ reason: expect.stringMatching(/3000 at most/) as string });
  });

  it('adds only little to the stream, and ends, when two sinks refuse every event', async () => {
    const { world, receiver, plan } = opened({ maxEvents: 10 });
    const other = new InProcessReceiver();
    for (const refusing of [receiver, other]) refusing.behave(() => ({ kind: 'unfit', reason: 'no' }));
    world.add(300);
    world.export(plan);
    world.export(world.plan(other, { sinkId: 'sink-2' }));
    await world.pass(600_000);
    const said = await world.said();
    expect(said.length).toBeLessThanOrEqual(8);
    await world.pass(3_600_000);
    expect((await world.said()).length).toBe(said.length);
    expect((await world.progress(plan)).cursor).toBe(300 + said.length);
    const gaps = said.filter(({ type, export: about }) => type === 'export.gap' && about?.sink_id === 'sink-1');
    expect(gaps.map(({ export: about }) => [about?.from_seq, about?.to_seq])).toEqual([[1, 1], [2, 300]]);
  });

  it('is paused when it refuses a thousand in a row', async () => {
    const { world, receiver, plan } = opened();
    receiver.behave(() => ({ kind: 'unfit', reason: 'no' }));
    world.add(1_500);
    world.export(plan);
    await world.pass(60_000);
    const progress = await world.progress(plan);
    expect(progress).toMatchObject({ state: 'paused', pauseCause: 'refusing' });
    expect(progress.cursor).toBeLessThan(1_200);
  });
});

describe('gaps', () => {
  it('tells the receiver, in the stream, what went past its retention while it was away', async () => {
    const { world, receiver, plan } = opened();
    await receiver.away();
    world.add(10);
    world.export(plan);
    await world.pass(1_000);
    world.source.expire(plan.stream, 8);
    await receiver.back();
    await world.pass(60_000);
    const [gap] = await world.said();
    expect(gap).toMatchObject({ type: 'export.gap', export: { from_seq: 1, to_seq: 7, count: 7, reason: 'retention' } });
    expect(receiver.arrivals.at(-1)).toBe(gap?.event_id);
    expect(receiver.arrivals).toHaveLength(4);
  });

  it('tells of what an administrator skipped, whatever the filter says', async () => {
    const { world, receiver, plan } = opened();
    await receiver.away();
    world.add(10);
    world.export({ ...plan, filter: { types: ['call.decided'], outcomes: ['allowed'] } });
    await world.pass(1_000);
    await world.administration.skip(plan, { to: 9, newest: 10, askedBy: 'member-1' });
    await receiver.back();
    await world.pass(60_000);
    const [gap] = await world.said();
    expect(gap).toMatchObject({ type: 'export.gap', actor: { kind: 'member', identity_id: 'member-1' }, export: { from_seq: 1, to_seq: 9, reason: 'skipped', asked_by: 'member-1' } });
    expect(receiver.arrivals).toHaveLength(2);
    expect(receiver.arrivals.at(-1)).toBe(gap?.event_id);
  });
});

describe('a receiver that acknowledges nothing', () => {
  it('gets what was sent within the last seconds once more after a failure', async () => {
    const { world, receiver, plan } = opened({ resendMs: 10_000 });
    world.export(plan);
    const old = world.add(2);
    await world.pass(30_000);
    const late = world.add(2);
    await world.pass(3_000);
    expect(await world.progress(plan)).toMatchObject({ cursor: 2, sent: 4 });
    let broken = true;
    receiver.behave((batch) => (broken ? ((broken = false), AWAY) : receiver.keep(batch)));
    const next = world.add(1);
    await world.pass(5_000);
    expect(receiver.arrivals).toEqual([...old, ...late, ...late, ...next]);
    await world.pass(30_000);
    expect((await world.progress(plan)).cursor).toBe(5);
  });

  it('gets it once more from the exporter that comes after one that died', async () => {
    const { world, receiver, plan } = opened({ resendMs: 10_000 });
    const exporter = world.export(plan);
    const ids = world.add(3);
    await world.pass(1_000);
    const stopping = exporter.stop();
    await world.pass(5_000);
    await stopping;
    world.export(plan);
    await world.pass(1_000);
    expect(receiver.arrivals).toEqual([...ids, ...ids]);
  });
});

describe('a delivery that hangs', () => {
  it('is told to stop after the deadline, and tried again', async () => {
    const { world, receiver, plan } = opened();
    await receiver.hang();
    const ids = world.add(1);
    world.export(plan);
    await world.pass(30_300);
    expect(await world.progress(plan)).toMatchObject({ state: 'backoff', stateReason: 'stopped' });
    await receiver.back();
    await world.pass(2_000);
    expect(receiver.arrivals).toEqual(ids);
  });

  it('is left to itself when it ignores that, and cannot pile up', async () => {
    const { world, receiver, plan } = opened();
    let deliveries = 0;
    receiver.behave(() => ((deliveries += 1), new Promise(() => undefined)));
    world.add(1);
    const exporter = world.export(plan);
    await world.pass(3_600_000);
    expect(deliveries).toBe(2);
    expect(await world.progress(plan)).toMatchObject({ state: 'backoff', lastError: { class: 'hung' } });
    const stopping = exporter.stop();
    await world.pass(3_000);
    await stopping;
  });
});

describe('two exporters of one sink', () => {
  it('wait for each other: the second sends nothing while the first has the lease', async () => {
    const { world, receiver, plan } = opened();
    const ids = world.add(3);
    const first = world.export(plan);
    await world.pass(1_000);
    world.export(plan);
    await world.pass(120_000);
    expect(receiver.arrivals).toEqual(ids);
    const more = world.add(1);
    await first.stop();
    await world.pass(15_000);
    expect(receiver.arrivals).toEqual([...ids, ...more]);
  });
});

describe('replaying', () => {
  it('sends a range once more, marked and no faster than asked, beside what comes', async () => {
    const { world, receiver, plan } = opened();
    const batches = recordBatches(receiver);
    const ids = world.add(100);
    const exporter = world.export(plan);
    await world.pass(1_000);
    const wish = { replayId: 'r1', from: 11, to: 40, only: null, eventsPerSecond: 10, reason: 'lost an index', askedBy: 'member-1' };
    expect((await world.administration.replay(plan, wish)).ok).toBe(true);
    await world.administration.replay(plan, wish);
    exporter.nudge();
    await world.pass(1_500);
    expect(batches.filter((batch) => batch.replay).flatMap((batch) => batch.events)).toHaveLength(20);
    const live = world.add(1);
    await world.pass(20_000);
    const replayed = batches.filter((batch) => batch.replay).flatMap((batch) => batch.events.map((event) => event.stored.eventId));
    expect(replayed).toEqual(ids.slice(10, 40));
    expect(receiver.arrivals).toEqual(expect.arrayContaining([...live]));
    expect((await world.progress(plan)).replays).toMatchObject([{ state: 'done', delivered: 30, next: 41 }]);
    expect((await world.said()).map(({ type, export: said }) => [type, said?.from_seq, said?.to_seq, said?.asked_by])).toEqual([['export.replay', 11, 40, 'member-1']]);
  });

  it('goes on where it was after a restart, and ends when it is cancelled', async () => {
    const { world, receiver, plan } = opened();
    const batches = recordBatches(receiver);
    world.add(100);
    const first = world.export(plan);
    await world.pass(1_000);
    await world.administration.replay(plan, { replayId: 'r1', from: 1, to: 100, only: null, eventsPerSecond: 5, reason: 'x', askedBy: 'm' });
    await world.pass(7_000);
    await first.stop();
    const before = (await world.progress(plan)).replays[0]?.next ?? 0;
    expect(before).toBeGreaterThan(10);
    world.export(plan);
    await world.pass(3_000);
    await world.administration.cancelReplay(plan, 'r1');
    await world.pass(20_000);
    const seqs = batches.filter((batch) => batch.replay).flatMap((batch) => batch.events.map((event) => event.stored.seq));
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, at) => at + 1));
    expect(seqs.length).toBeLessThan(70);
    expect((await world.progress(plan)).replays[0]?.state).toBe('cancelled');
  });

  it('sends dead letters again, which then wait no longer, and others stay', async () => {
    const { world, receiver, plan } = opened();
    const ids = world.add(9);
    const bad = new Set([ids[2], ids[5]]);
    receiver.behave((batch) => (batch.events.some((event) => bad.has(event.stored.eventId)) ? { kind: 'unfit', reason: 'no' } : receiver.keep(batch)));
    const exporter = world.export(plan);
    await world.pass(30_000);
    bad.delete(ids[2]);
    await world.administration.resend(plan, { replayId: 'r1', seqs: [6, 3], reason: 'fixed', askedBy: 'member-1' });
    exporter.nudge();
    await world.pass(30_000);
    expect(await world.store.deadLetters(plan, { state: null, afterSeq: 0, limit: 10 })).toMatchObject([
      { seq: 3, state: 'resent', settledBy: 'member-1' },
      { seq: 6, state: 'waiting' },
    ]);
    expect(receiver.arrivals).toContain(ids[2]);
    expect((await world.progress(plan)).replays).toMatchObject([{ state: 'done', delivered: 1, deadLettered: 1 }]);
  });

  it('refuses a range that the sink has not come to, and more replays than can be overseen', async () => {
    const { world, plan } = opened();
    world.add(5);
    world.export(plan);
    await world.pass(1_000);
    const wish = { from: 1, to: 5, only: null, eventsPerSecond: 1, reason: 'x', askedBy: 'm' };
    for (const bad of [{ to: 6 }, { from: 0 }, { from: 4, to: 3 }, { eventsPerSecond: 0 }, { from: 1.5 }]) {
      expect(await world.administration.replay(plan, { ...wish, ...bad, replayId: 'bad' })).toMatchObject({ ok: false, refusal: { kind: 'bad_range' } });
    }
    for (let n = 0; n < 8; n += 1) expect((await world.administration.replay(plan, { ...wish, replayId: `r${n}` })).ok).toBe(true);
    expect(await world.administration.replay(plan, { ...wish, replayId: 'r9' })).toMatchObject({ ok: false, refusal: { kind: 'too_many' } });
  });
});

function opened(kind: NonNullable<Parameters<ExportWorld['plan']>[1]>['kind'] = {}, wish: ConstructorParameters<typeof ExportWorld>[0] = {}) {
  const world = new ExportWorld(wish);
  const receiver = new InProcessReceiver();
  return { world, receiver, plan: world.plan(receiver, { kind }) };
}

/** Every batch that is tried; the first `failing` find nobody. */
function recordBatches(receiver: InProcessReceiver, failing = 0): readonly OutgoingBatch[] {
  const batches: OutgoingBatch[] = [];
  receiver.behave((batch) => {
    batches.push(batch);
    return batches.length <= failing ? AWAY : receiver.keep(batch);
  });
  return batches;
}
