import type { AuditFact } from '@sallyport/audit-event';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { DeliveryChange, DeliveryStore, LeaseWish, NewDeadLetter, SinkKey } from '../delivery-store.js';
import { freshProgress, type SinkProgress } from '../sink-progress.js';

/** A store under examination. */
export interface OpenedDeliveryStore {
  readonly store: DeliveryStore;
  /** A sink of its own for each test, in an organisation of its own whose stream can take facts. */
  newSink(): Promise<SinkKey>;
  /** The facts that were appended to the stream of the sink's organisation by its writes, in order. */
  facts(sink: SinkKey): Promise<readonly AuditFact[]>;
  /** Lets the time of leases pass. */
  elapse(ms: number): Promise<void>;
  /** A fact that the stream refuses, so that a write with it fails as a whole. */
  readonly unfitFact: AuditFact;
  close(): Promise<void>;
}

/** The exam every adapter of `DeliveryStore` passes. @param open Opens a store; called once. */
export function deliveryStoreContract(name: string, open: () => Promise<OpenedDeliveryStore>): void {
  describe(`${name} keeps the promises of a delivery store`, () => {
    let opened: OpenedDeliveryStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => opened?.close());

    describe('progress', () => keepingProgress(() => opened));
    describe('writing', () => writing(() => opened));
    describe('leases', () => leasing(() => opened));
    describe('fleets', () => attending(() => opened));
    describe('dead letters', () => keepingDeadLetters(() => opened));
  });
}

function keepingProgress(opened: () => OpenedDeliveryStore): void {
  it('knows nothing of a sink before it was opened', async () => {
    const sink = await opened().newSink();
    expect(await opened().store.load(sink)).toBeNull();
    expect(await opened().store.lease(sink, 'one', forMs(1_000))).toBeNull();
    expect(await opened().store.commit(sink, null, change(freshProgress(0, 0, 'w')))).toEqual({ ok: false, refusal: 'gone' });
  });

  it('makes a sink once, and answers what is there the second time', async () => {
    const sink = await opened().newSink();
    const first = await opened().store.open(sink, freshProgress(7, 1_000, 'first'));
    expect(first).toEqual(freshProgress(7, 1_000, 'first'));
    expect(await opened().store.open(sink, freshProgress(9, 2_000, 'second'))).toEqual(first);
  });

  it('gives back every field as it was written', async () => {
    const { sink, progress } = await aSink(opened());
    const next = full(progress);
    expect(await opened().store.commit(sink, null, change(next))).toEqual({ ok: true, value: undefined });
    expect(await opened().store.load(sink)).toEqual(next);
  });

  it('keeps sinks of one organisation and of another apart', async () => {
    const [one, other] = [await aSink(opened()), await aSink(opened())];
    const twin: SinkKey = { organisationId: other.sink.organisationId, sinkId: one.sink.sinkId };
    await opened().store.commit(one.sink, null, change({ ...one.progress, revision: 2, cursor: 5 }));
    expect((await opened().store.load(other.sink))?.cursor).toBe(0);
    expect(await opened().store.load(twin)).toBeNull();
  });

  it('forgets a sink that is removed, with its dead letters and its lease', async () => {
    const { sink, progress } = await aSink(opened());
    await opened().store.lease(sink, 'one', forMs(60_000));
    await opened().store.commit(sink, null, { ...change({ ...progress, revision: 2 }), deadLetters: [aLetter(1)] });
    await opened().store.remove(sink);
    expect([await opened().store.load(sink), await opened().store.deadLetter(sink, 1), await opened().store.waitingDeadLetters(sink)]).toEqual([null, null, 0]);
    await opened().store.open(sink, freshProgress(0, 0, 'again'));
    expect(await opened().store.lease(sink, 'two', forMs(1_000))).not.toBeNull();
  });
}

function writing(opened: () => OpenedDeliveryStore): void {
  it('appends the facts of a write to the stream, in their order', async () => {
    const { sink, progress } = await aSink(opened());
    const facts = [aFact(sink, 1), aFact(sink, 2)];
    await opened().store.commit(sink, null, { ...change({ ...progress, revision: 2 }), facts });
    expect((await opened().facts(sink)).map((fact) => fact.event_id)).toEqual(facts.map((fact) => fact.event_id));
  });

  it('lets one of two writes from the same revision win, and the other change nothing', async () => {
    const { sink, progress } = await aSink(opened());
    const writes = [1, 2, 3, 4].map((cursor) =>
      opened().store.commit(sink, null, { ...change({ ...progress, revision: 2, cursor }), deadLetters: [aLetter(cursor)], facts: [aFact(sink, cursor)] }),
    );
    const done = await Promise.all(writes);
    expect(done.filter((result) => result.ok)).toHaveLength(1);
    expect(done.filter((result) => !result.ok)).toEqual([1, 2, 3].map(() => ({ ok: false, refusal: 'moved_on' })));
    const winner = done.findIndex((result) => result.ok) + 1;
    expect((await opened().store.load(sink))?.cursor).toBe(winner);
    expect((await letters(opened(), sink)).map((letter) => letter.seq)).toEqual([winner]);
    expect(await opened().facts(sink)).toHaveLength(1);
  });

  it('changes nothing when the stream does not take a fact', async () => {
    const { sink, progress } = await aSink(opened());
    const facts = [aFact(sink, 1), { ...opened().unfitFact }];
    await expect(opened().store.commit(sink, null, { ...change({ ...progress, revision: 2, cursor: 3 }), deadLetters: [aLetter(1)], facts })).rejects.toThrow();
    expect([await opened().store.load(sink), await letters(opened(), sink), await opened().facts(sink)]).toEqual([progress, [], []]);
  });

  it('never lets a cursor go back', async () => {
    const { sink, progress } = await aSink(opened());
    await opened().store.commit(sink, null, change({ ...progress, revision: 2, cursor: 5 }));
    await expect(opened().store.commit(sink, null, change({ ...progress, revision: 3, cursor: 4 }))).rejects.toMatchObject({ code: 'sinks.cursor_back' });
    expect((await opened().store.load(sink))?.cursor).toBe(5);
  });
}

function leasing(opened: () => OpenedDeliveryStore): void {
  it('is held by one at a time, who keeps its number as it goes on', async () => {
    const { sink } = await aSink(opened());
    const first = await opened().store.lease(sink, 'one', forMs(60_000));
    expect(await opened().store.lease(sink, 'two', forMs(60_000))).toBeNull();
    expect(await opened().store.lease(sink, 'one', forMs(60_000))).toEqual(first);
  });

  it('is given to one of many who ask at once', async () => {
    const { sink } = await aSink(opened());
    const asked = await Promise.all(['one', 'two', 'three', 'four'].map((holder) => opened().store.lease(sink, holder, forMs(60_000))));
    expect(asked.filter((lease) => lease !== null)).toHaveLength(1);
  });

  it('passes to another under a higher number when its time is over or it was given back', async () => {
    const { sink } = await aSink(opened());
    const first = await opened().store.lease(sink, 'one', forMs(2_000));
    await opened().elapse(2_100);
    const second = await opened().store.lease(sink, 'two', forMs(60_000));
    expect(second?.fence).toBeGreaterThan(first?.fence ?? Infinity);
    if (second !== null) await opened().store.release(second);
    expect((await opened().store.lease(sink, 'three', forMs(60_000)))?.fence).toBeGreaterThan(second?.fence ?? Infinity);
  });

  it('is left to others by whoever is patient, until it was free for so long', async () => {
    const { sink } = await aSink(opened());
    const first = await opened().store.lease(sink, 'one', forMs(2_000));
    await opened().elapse(2_100);
    expect(await opened().store.lease(sink, 'patient', { ttlMs: 60_000, patienceMs: 60_000 })).toBeNull();
    const second = await opened().store.lease(sink, 'two', forMs(60_000));
    expect(second?.fence).toBeGreaterThan(first?.fence ?? Infinity);
    if (second !== null) await opened().store.release(second);
    expect(await opened().store.lease(sink, 'patient', { ttlMs: 60_000, patienceMs: 60_000 })).toBeNull();
    await opened().elapse(60_100);
    expect((await opened().store.lease(sink, 'patient', { ttlMs: 60_000, patienceMs: 60_000 }))?.holder).toBe('patient');
  });

  it('is kept by its holder, and taken when nobody ever had it, however patient one is', async () => {
    const { sink } = await aSink(opened());
    const wish = { ttlMs: 60_000, patienceMs: 60_000 };
    const first = await opened().store.lease(sink, 'one', wish);
    expect(first?.holder).toBe('one');
    expect(await opened().store.lease(sink, 'one', wish)).toEqual(first);
  });

  it('gives up nothing of another when a lease that was taken over is given back', async () => {
    const { sink } = await aSink(opened());
    const first = await opened().store.lease(sink, 'one', forMs(1_000));
    await opened().elapse(1_100);
    await opened().store.lease(sink, 'two', forMs(60_000));
    if (first !== null) await opened().store.release(first);
    expect(await opened().store.lease(sink, 'three', forMs(60_000))).toBeNull();
  });

  it('lets a writer whose lease was taken over change nothing', async () => {
    const { sink, progress } = await aSink(opened());
    const first = await opened().store.lease(sink, 'one', forMs(1_000));
    await opened().elapse(1_100);
    const second = await opened().store.lease(sink, 'two', forMs(60_000));
    const late = { ...change({ ...progress, revision: 2, cursor: 9 }), deadLetters: [aLetter(9)], facts: [aFact(sink, 9)] };
    expect(await opened().store.commit(sink, first?.fence ?? 0, late)).toEqual({ ok: false, refusal: 'superseded' });
    expect([await opened().store.load(sink), await letters(opened(), sink), await opened().facts(sink)]).toEqual([progress, [], []]);
    expect(await opened().store.commit(sink, second?.fence ?? 0, change({ ...progress, revision: 2, cursor: 1 }))).toEqual({ ok: true, value: undefined });
  });
}

function attending(opened: () => OpenedDeliveryStore): void {
  it('are counted while they say that they are there', async () => {
    const { store, elapse } = opened();
    expect(await store.attend('one', 60_000)).toBe(1);
    expect(await store.attend('one', 60_000)).toBe(1);
    expect(await store.attend('two', 2_000)).toBe(2);
    await elapse(2_100);
    expect(await store.attend('one', 60_000)).toBe(1);
    expect(await store.attend('two', 60_000)).toBe(2);
    await store.leave('one');
    await store.leave('never there');
    expect(await store.attend('two', 60_000)).toBe(1);
  });
}

function keepingDeadLetters(opened: () => OpenedDeliveryStore): void {
  it('gives them in order of seq, by pages and by state', async () => {
    const { sink, progress } = await aSink(opened());
    await opened().store.commit(sink, null, { ...change({ ...progress, revision: 2 }), deadLetters: [30, 10, 20].map(aLetter) });
    const settled = { seqs: [20, 77], state: 'discarded', by: 'somebody', atMs: 9_000 } as const;
    await opened().store.commit(sink, null, { ...change({ ...progress, revision: 3 }), settled });
    expect((await opened().store.deadLetters(sink, { state: null, afterSeq: 10, limit: 1 })).map((letter) => letter.seq)).toEqual([20]);
    expect((await opened().store.deadLetters(sink, { state: 'waiting', afterSeq: 0, limit: 10 })).map((letter) => letter.seq)).toEqual([10, 30]);
    expect(await opened().store.deadLetter(sink, 20)).toEqual({ ...aLetter(20), state: 'discarded', settledAtMs: 9_000, settledBy: 'somebody' });
    expect(await opened().store.waitingDeadLetters(sink)).toBe(2);
  });

  it('keeps one of an event, which waits again when it was refused again', async () => {
    const { sink, progress } = await aSink(opened());
    await opened().store.commit(sink, null, { ...change({ ...progress, revision: 2 }), deadLetters: [aLetter(4)] });
    await opened().store.commit(sink, null, { ...change({ ...progress, revision: 3 }), settled: { seqs: [4], state: 'resent', by: 'a', atMs: 1 } });
    await opened().store.commit(sink, null, { ...change({ ...progress, revision: 4 }), deadLetters: [{ ...aLetter(4), reason: 'refused once more' }] });
    expect(await letters(opened(), sink)).toEqual([{ ...aLetter(4), reason: 'refused once more', state: 'waiting', settledAtMs: null, settledBy: null }]);
  });

  it('leaves alone what does not wait when it is settled', async () => {
    const { sink, progress } = await aSink(opened());
    await opened().store.commit(sink, null, { ...change({ ...progress, revision: 2 }), deadLetters: [aLetter(4)] });
    await opened().store.commit(sink, null, { ...change({ ...progress, revision: 3 }), settled: { seqs: [4], state: 'discarded', by: 'a', atMs: 1 } });
    await opened().store.commit(sink, null, { ...change({ ...progress, revision: 4 }), settled: { seqs: [4], state: 'resent', by: 'b', atMs: 2 } });
    expect(await opened().store.deadLetter(sink, 4)).toMatchObject({ state: 'discarded', settledBy: 'a' });
  });
}

async function aSink(opened: OpenedDeliveryStore): Promise<{ readonly sink: SinkKey; readonly progress: SinkProgress }> {
  const sink = await opened.newSink();
  return { sink, progress: await opened.store.open(sink, freshProgress(0, 1_760_000_000_000, 'fresh')) };
}

const letters = (opened: OpenedDeliveryStore, sink: SinkKey) => opened.store.deadLetters(sink, { state: null, afterSeq: 0, limit: 100 });

const forMs = (ttlMs: number): LeaseWish => ({ ttlMs, patienceMs: 0 });

const change = (progress: SinkProgress): DeliveryChange => ({ progress, deadLetters: [], settled: null, facts: [] });

function aLetter(seq: number): NewDeadLetter {
  return { seq, eventId: `0199c8b4-0000-7000-8000-${String(seq).padStart(12, '0')}`, type: 'call.decided', reason: 'mapping says no', atMs: 1_760_000_000_000 };
}

function aFact(sink: SinkKey, n: number): AuditFact {
  return {
    event_id: `0199c8b4-${String(n).padStart(4, '0')}-7000-8000-${sink.sinkId.slice(-12).padStart(12, '0')}`,
    organisation_id: sink.organisationId,
    time: '2025-10-09T08:53:20.000000Z',
    type: 'export.gap',
    severity: 3,
    actor: { kind: 'system', name: 'sallyport' },
    export: { sink_id: sink.sinkId, sink_name: 'siem', sink_type: 'webhook', from_seq: n, to_seq: n, count: 1, reason: 'retention' },
  };
}

function full(progress: SinkProgress): SinkProgress {
  return {
    ...progress,
    revision: 2,
    writeId: 'second',
    cursor: 41,
    sent: 43,
    state: 'paused',
    stateSinceMs: 1_760_000_000_123,
    pauseCause: 'auth',
    stateReason: 'the receiver refuses the token “x”',
    advice: 'Give it another token.',
    pausedVersion: 3,
    failures: 2,
    failingSinceMs: 1_760_000_000_001,
    retryAtMs: 1_760_000_000_002,
    attemptTo: 47,
    lastError: { class: 'auth', reason: '401', atMs: 1_760_000_000_003 },
    lastDeliveredAtMs: 1_760_000_000_004,
    refusedInARow: 1,
    counters: { attempts: 1, failedAttempts: 2, delivered: 3, deliveredBytes: 4, filtered: 5, deadLettered: 6, replayed: 7, gapEvents: 8 },
    recent: [{ startMs: 1_760_000_000_000, events: 9 }],
    pending: [{ kind: 'gap', from: 1, to: 2, count: 2, reason: 'skipped', askedBy: 'somebody' }],
    announcedAtMs: 1_760_000_000_005,
    replays: [
      { replayId: 'r', from: 1, to: 9, next: 4, only: [4, 9], eventsPerSecond: 50, reason: 'lost at the receiver', askedBy: 'somebody', askedAtMs: 5, state: 'running', delivered: 1, deadLettered: 1 },
    ],
  };
}
