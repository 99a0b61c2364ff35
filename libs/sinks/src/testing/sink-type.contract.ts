import { refuse } from '@sallyport/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { GuardedNetwork } from '../guarded-network.js';
import type { Delivery, OutgoingEvent, Sink } from '../sink.js';
import type { SinkConfiguration, SinkTools, SinkType } from '../sink-type.js';
import { aBatch, outgoingEvents } from './outgoing-events.js';

/** A receiver under a test's hands. What a kind of receiver cannot do is absent, and then not examined. */
export interface ExaminedReceiver {
  /** Forgets what it holds, and does again what a healthy one does. */
  reset(): Promise<void>;
  /** Ids of the events that came, in order of arrival, one that came twice twice; resolves when there are `count`. */
  arrived(count: number): Promise<readonly string[]>;
  /** Ids of the events that it holds in the end, in any order: one that came twice once, where it can tell. */
  kept(): Promise<readonly string[]>;
  /** Takes no connection any more, and drops those that there are. */
  away(): Promise<void>;
  back(): Promise<void>;
  /** Takes what is sent and says nothing. `reached` resolves when something of a delivery has come. */
  hang?(): Promise<{ readonly reached: Promise<void> }>;
  /** Has the credentials for wrong ones. */
  refuseCredentials?(): Promise<void>;
  /** Says that it takes nothing now, and to come again after so many seconds. */
  busy?(retryAfterSeconds: number): Promise<void>;
  /** Refuses one event for good, and with it the batch where its kind knows no answers about single events. */
  poison?(eventId: string): Promise<void>;
  /** Resolves when nobody is connected to it. */
  unconnected(): Promise<void>;
  close(): Promise<void>;
}

/** A kind of sink and its receiver. */
export interface ExaminedSinkType {
  readonly type: SinkType;
  readonly configuration: SinkConfiguration;
  readonly tools: SinkTools;
  readonly receiver: ExaminedReceiver;
}

/** What a kind's receiver can be made to do: names of the methods of `ExaminedReceiver` that are there. */
export type Ability = 'hang' | 'refuseCredentials' | 'busy' | 'poison';

/** An abort is followed by the end of a delivery within so many milliseconds. */
const SOON_MS = 1_500;

/**
 * The exam of every kind of sink, before a receiver that is real where one can be had.
 *
 * @param open Starts the receiver; called once.
 */
export function sinkTypeContract(name: string, abilities: readonly Ability[], open: () => Promise<ExaminedSinkType>): void {
  describe(`${name} keeps the promises of a sink`, () => {
    const exam = new Exam();
    beforeAll(async () => exam.begin(await open(), abilities));
    afterAll(async () => exam.end());
    beforeEach(async () => exam.receiver.reset());

    describe('what it says of itself', () => describingItself(exam));
    describe('delivering', () => delivering(exam));
    describe('a receiver that is away', () => whileAway(exam));
    if (abilities.includes('hang')) describe('a receiver that hangs', () => whileHung(exam));
    if (abilities.includes('refuseCredentials')) it('is paused, with advice, when its credentials are refused', () => refusedCredentials(exam));
    if (abilities.includes('busy')) it('passes on when a busy receiver wants to be asked again', () => askedLater(exam));
    if (abilities.includes('poison')) describe('an event that the receiver refuses', () => poisoned(exam));
    it('has told no credential in any reason, advice or description', () => exam.expectNoCredential());
  });
}

/** What one run of the exam holds: the receiver, the sinks that are open, and every word that was said. */
class Exam {
  private examined: ExaminedSinkType | undefined;
  private readonly told: string[] = [];

  begin(examined: ExaminedSinkType, abilities: readonly Ability[]): void {
    this.examined = examined;
    for (const ability of abilities) expect(examined.receiver[ability], `the receiver can ${ability}`).toBeTypeOf('function');
  }

  async end(): Promise<void> {
    await this.examined?.receiver.close();
  }

  get of(): ExaminedSinkType {
    if (this.examined === undefined) throw new Error('the receiver did not start');
    return this.examined;
  }

  get receiver(): ExaminedReceiver {
    return this.of.receiver;
  }

  hear(...words: readonly string[]): void {
    this.told.push(...words);
  }

  async deliver(sink: Sink, events: readonly OutgoingEvent[], signal = new AbortController().signal): Promise<Delivery> {
    const delivery = await sink.deliver(aBatch(events), signal);
    this.told.push(JSON.stringify(delivery));
    for (const reason of reasonsOf(delivery)) expect(reason.length).toBeLessThanOrEqual(300);
    return delivery;
  }

  /** Delivers as the exporter would: again while the receiver is not there yet. */
  async deliverAtLast(sink: Sink, events: readonly OutgoingEvent[]): Promise<Delivery> {
    for (let attempt = 1; attempt < 5; attempt += 1) {
      const delivery = await this.deliver(sink, events);
      if (delivery.kind !== 'unavailable') return delivery;
    }
    return this.deliver(sink, events);
  }

  async with(use: (sink: Sink) => Promise<void>): Promise<void> {
    const sink = this.of.type.open(this.of.configuration, this.of.tools);
    try {
      await use(sink);
    } finally {
      await sink.close();
    }
  }

  expectNoCredential(): void {
    for (const [name, secret] of Object.entries(this.of.configuration.credentials)) {
      for (const form of [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)]) {
        expect(this.told.filter((words) => words.includes(form)), `told the credential ${name}`).toEqual([]);
      }
    }
  }
}

function describingItself(exam: Exam): void {
  it('accepts its configuration, and says where it sends to and what it promises', () => {
    const { type, configuration } = exam.of;
    expect(type.check(configuration)).toEqual({ ok: true, value: undefined });
    exam.hear(type.destination(configuration), type.guarantee(configuration));
    expect(type.destination(configuration)).not.toBe('');
    expect(type.guarantee(configuration)).toMatch(/\S/);
  });

  it('bounds its batches', () => {
    const { maxEvents, maxBytes, maxEventBytes } = exam.of.type.bounds(exam.of.configuration);
    expect(maxEvents).toBeGreaterThan(0);
    expect(maxBytes).toBeGreaterThan(0);
    expect(maxEventBytes ?? maxBytes).toBeLessThanOrEqual(maxBytes);
  });

  it('finds each of several problems of settings that are not its own', () => {
    const { type, configuration } = exam.of;
    const refused = type.check({ ...configuration, settings: { surely_not_a_setting: 1 } });
    expect(refused.ok).toBe(false);
    if (refused.ok) return;
    for (const problem of refused.refusal) exam.hear(problem.message, problem.pointer);
    expect(refused.refusal.some((problem) => problem.pointer.includes('surely_not_a_setting'))).toBe(true);
  });
}

function delivering(exam: Exam): void {
  it('brings every event of a batch, in order, before it says so', () =>
    exam.with(async (sink) => {
      const events = outgoingEvents(25);
      expect(await exam.deliver(sink, events)).toEqual({ kind: 'delivered' });
      expect(await exam.receiver.arrived(25)).toEqual(idsOf(events));
    }));

  it('brings batch after batch in order, and a batch of one', () =>
    exam.with(async (sink) => {
      const batches = [outgoingEvents(3, 1), outgoingEvents(1, 4), outgoingEvents(6, 5)];
      for (const events of batches) expect(await exam.deliver(sink, events)).toEqual({ kind: 'delivered' });
      expect(await exam.receiver.arrived(10)).toEqual(batches.flatMap(idsOf));
    }));

  it('takes the same batch again, which does no harm where the receiver can tell', () =>
    exam.with(async (sink) => {
      const events = outgoingEvents(4);
      expect(await exam.deliver(sink, events)).toEqual({ kind: 'delivered' });
      expect(await exam.deliver(sink, events)).toEqual({ kind: 'delivered' });
      if (!exam.of.type.dedupes) expect(await exam.receiver.arrived(4)).toEqual(expect.arrayContaining([...idsOf(events)]));
      else expect([...(await exam.receiver.kept())].sort()).toEqual([...idsOf(events)].sort());
    }));

  it('lets go of its sockets when it is closed', async () => {
    await exam.with(async (sink) => {
      expect(await exam.deliver(sink, outgoingEvents(2))).toEqual({ kind: 'delivered' });
    });
    await exam.receiver.unconnected();
  });

  it('can be closed before it sent anything, and twice', () =>
    exam.with(async (sink) => {
      await sink.close();
    }));
}

function whileAway(exam: Exam): void {
  it('is unavailable, and brings the batch when the receiver is back', () =>
    exam.with(async (sink) => {
      await exam.receiver.away();
      const events = outgoingEvents(3);
      expect(await exam.deliver(sink, events)).toMatchObject({ kind: 'unavailable' });
      await exam.receiver.back();
      expect(await exam.deliverAtLast(sink, events)).toEqual({ kind: 'delivered' });
      expect(await exam.receiver.arrived(3)).toEqual(expect.arrayContaining([...idsOf(events)]));
    }));

  it('finds a receiver again that went away between two batches', () =>
    exam.with(async (sink) => {
      expect(await exam.deliver(sink, outgoingEvents(2, 1))).toEqual({ kind: 'delivered' });
      await exam.receiver.away();
      await exam.receiver.back();
      expect(await exam.deliverAtLast(sink, outgoingEvents(2, 3))).toEqual({ kind: 'delivered' });
      const wanted = outgoingEvents(2, 3);
      expect(await exam.receiver.kept()).toEqual(expect.arrayContaining([...idsOf(wanted)]));
    }));
}

function whileHung(exam: Exam): void {
  it('ends soon after it is stopped, as unavailable', () =>
    exam.with(async (sink) => {
      const hung = await exam.receiver.hang?.();
      const stop = new AbortController();
      const delivery = exam.deliver(sink, outgoingEvents(2), stop.signal);
      await hung?.reached;
      const stoppedMs = performance.now();
      stop.abort();
      expect(await delivery).toMatchObject({ kind: 'unavailable' });
      expect(performance.now() - stoppedMs).toBeLessThan(SOON_MS);
    }));

  it('ends soon when it was stopped before it began', () =>
    exam.with(async (sink) => {
      await exam.receiver.hang?.();
      expect(await exam.deliver(sink, outgoingEvents(2), AbortSignal.abort())).toMatchObject({ kind: 'unavailable' });
    }));

  it('ends soon when it is stopped while no connection comes about', async () => {
    const { type, configuration, tools } = exam.of;
    const stop = new AbortController();
    const [network, reached] = nowhere();
    const sink = type.open(configuration, { ...tools, network });
    const delivery = exam.deliver(sink, outgoingEvents(2), stop.signal);
    // A kind that needs no network is not examined.
    const early = await Promise.race([reached, delivery]);
    const stoppedMs = performance.now();
    stop.abort();
    if (early === undefined) expect(await delivery).toMatchObject({ kind: 'unavailable' });
    expect(performance.now() - stoppedMs).toBeLessThan(SOON_MS);
    await sink.close();
  });

  it('keeps no socket of a delivery that was stopped once it is closed', async () => {
    await exam.with(async (sink) => {
      const hung = await exam.receiver.hang?.();
      const stop = new AbortController();
      const delivery = exam.deliver(sink, outgoingEvents(2), stop.signal);
      await hung?.reached;
      stop.abort();
      await delivery;
    });
    await exam.receiver.unconnected();
  });
}

/** A network on which a connection comes about never, and what resolves when one was asked for. */
function nowhere(): readonly [GuardedNetwork, Promise<void>] {
  let tell = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const connect: GuardedNetwork['connect'] = (_target, signal) => {
    tell();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(refuse({ kind: 'timeout', message: 'No connection came about in time.' }))));
  };
  return [{ connect }, reached];
}

function poisoned(exam: Exam): void {
  it('is found by halving, and everything else arrives', () =>
    exam.with(async (sink) => {
      const events = outgoingEvents(9);
      const poison = events[5]?.stored.eventId ?? '';
      await exam.receiver.poison?.(poison);
      expect(await refusedOf(exam, sink, events)).toEqual([poison]);
      const rest = idsOf(events).filter((id) => id !== poison);
      expect(await exam.receiver.kept()).toEqual(expect.arrayContaining(rest));
    }));
}

async function refusedCredentials(exam: Exam): Promise<void> {
  await exam.with(async (sink) => {
    await exam.receiver.refuseCredentials?.();
    const delivery = await exam.deliver(sink, outgoingEvents(2));
    expect(delivery).toMatchObject({ kind: 'paused', cause: 'auth' });
    if (delivery.kind === 'paused') expect(delivery.advice).toMatch(/\S+ \S+/);
  });
}

async function askedLater(exam: Exam): Promise<void> {
  await exam.with(async (sink) => {
    await exam.receiver.busy?.(7);
    expect(await exam.deliver(sink, outgoingEvents(2))).toMatchObject({ kind: 'unavailable', retryAfterMs: 7_000 });
  });
}

/** Which events are refused for good, found as the exporter finds them. */
async function refusedOf(exam: Exam, sink: Sink, events: readonly OutgoingEvent[]): Promise<readonly string[]> {
  const delivery = await exam.deliver(sink, events);
  if (delivery.kind === 'partly') return delivery.rejected.map(({ index }) => events[index]?.stored.eventId ?? `no event ${index}`);
  if (delivery.kind !== 'unfit') {
    expect(delivery).toEqual({ kind: 'delivered' });
    return [];
  }
  if (events.length === 1) return idsOf(events);
  const middle = events.length >> 1;
  return [...(await refusedOf(exam, sink, events.slice(0, middle))), ...(await refusedOf(exam, sink, events.slice(middle)))];
}

function reasonsOf(delivery: Delivery): readonly string[] {
  if (delivery.kind === 'delivered') return [];
  if (delivery.kind === 'partly') return [...delivery.rejected.map(({ reason }) => reason), delivery.reason ?? ''];
  return delivery.kind === 'paused' ? [delivery.reason, delivery.advice] : [delivery.reason];
}

const idsOf = (events: readonly OutgoingEvent[]): readonly string[] => events.map((event) => event.stored.eventId);
