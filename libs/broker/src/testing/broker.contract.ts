import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { MAX_RECORD_BYTES, type Broker, type FollowOptions, type Following, type Publication, type TopicSpec } from '../broker.js';
import { RecordingReader } from './recording-reader.js';

/** A broker under examination, with hands on its being there. */
export interface OpenedBroker {
  /** A connection to the one cluster; the exam opens several and closes them. */
  connect(): Broker;
  /** Takes the cluster away from all connections. */
  sever(): Promise<void>;
  /** Gives it back. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

let topicCount = 0;

/**
 * The exam every adapter of `Broker` passes.
 *
 * @param open Opens a cluster that has none of the exam's topics (`exam.…`); called once.
 */
export function brokerContract(name: string, open: () => Promise<OpenedBroker>): void {
  describe(`${name} keeps the promises of a broker`, () => {
    let opened: OpenedBroker;
    let broker: Broker;
    beforeAll(async () => {
      opened = await open();
      broker = opened.connect();
    });
    afterAll(async () => {
      await broker?.close();
      await opened?.close();
    });

    describe('topics', () => topics(() => broker));
    describe('publishing', () => publishing(() => broker));
    describe('following', () => following(() => broker));
    describe('consuming', () => consuming(() => opened, () => broker));
    describe('losing the cluster', () => losing(() => opened, () => broker));
    describe('closing', () => closing(() => opened));
  });
}

function topics(broker: () => Broker): void {
  it('makes a topic once, and finds it the next time', async () => {
    const topic = aTopic({ partitions: 3 });
    await broker().ensureTopics([topic]);
    await broker().ensureTopics([topic]);
    const reader = new RecordingReader();
    await read(broker(), topic.name, reader);
    expect(reader.records).toEqual([]);
  });

  it.each([
    ['partitions', { partitions: 2 }, /has 1 partitions? and needs 2/],
    ['cleanup', { cleanup: 'compact' }, /cleanup\.policy delete and needs compact/],
  ] as const)('says what differs in a topic’s %s', async (_what, difference, sentence) => {
    const topic = aTopic();
    await broker().ensureTopics([topic]);
    const verifying = broker().ensureTopics([{ ...topic, ...difference }]);
    await expect(verifying).rejects.toMatchObject({ code: 'broker.topic_differs', message: expect.stringMatching(sentence) });
  });

  it('never makes a topic by publishing to it', async () => {
    const { name } = aTopic();
    await expect(broker().publish([text(name, 'k', 'lost')])).rejects.toMatchObject({ code: 'broker.no_topic' });
  });
}

function publishing(broker: () => Broker): void {
  it('keeps every byte of a value, and the absence of one', async () => {
    const topic = await made(broker());
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await broker().publish([{ topic, key: 'all bytes', value: bytes }, { topic, key: 'empty', value: new Uint8Array() }, { topic, key: 'gone', value: null }]);
    const reader = new RecordingReader();
    await read(broker(), topic, reader);
    expect(reader.records.map(({ key, value }) => [key, value === null ? null : [...value]])).toEqual([['all bytes', [...bytes]], ['empty', []], ['gone', null]]);
  });

  it('keeps the order of the calls, however many are under way', async () => {
    const topic = await made(broker());
    const numbers = Array.from({ length: 300 }, (_, number) => String(number));
    await Promise.all(numbers.map((number) => broker().publish([text(topic, `k${Number(number) % 7}`, number)])));
    const reader = new RecordingReader();
    await read(broker(), topic, reader);
    expect(reader.texts).toEqual(numbers);
  });

  it('sends equal keys to one partition, and a record that names its partition there', async () => {
    const topic = await made(broker(), { partitions: 4 });
    const keys = Array.from({ length: 40 }, (_, number) => `key ${number % 10}`);
    await broker().publish(keys.map((key) => text(topic, key, 'v')));
    await broker().publish([{ ...text(topic, 'named', 'v'), partition: 3 }]);
    const reader = new RecordingReader();
    await read(broker(), topic, reader);
    const partitions = new Map<string | null, Set<number>>();
    for (const { key, partition } of reader.records) partitions.set(key, (partitions.get(key) ?? new Set()).add(partition));
    expect([...partitions.values()].every(({ size }) => size === 1)).toBe(true);
    expect(new Set(reader.records.map(({ partition }) => partition)).size).toBeGreaterThan(1);
    expect([...(partitions.get('named') ?? [])]).toEqual([3]);
  });

  it('takes the largest record, many of them at once, and refuses a larger one', async () => {
    const topic = await made(broker());
    const large = { topic, key: '', value: new Uint8Array(MAX_RECORD_BYTES).fill(7) };
    await broker().publish([large, large, large]);
    const reader = new RecordingReader();
    await read(broker(), topic, reader);
    expect(reader.records.map(({ value }) => value?.length)).toEqual([MAX_RECORD_BYTES, MAX_RECORD_BYTES, MAX_RECORD_BYTES]);
    await expect(broker().publish([{ ...large, value: new Uint8Array(MAX_RECORD_BYTES + 1) }])).rejects.toMatchObject({ code: 'broker.too_large' });
  });
}

function following(broker: () => Broker): void {
  it('delivers what was there, then what comes, without a seam', async () => {
    const topic = await made(broker(), { partitions: 2 });
    await broker().publish(numbered(topic, 0, 50));
    const reader = new RecordingReader();
    const follower = broker().follow(topic, { from: 'start', onBatch: reader.onBatch, onFault: reader.onFault });
    const writing = broker().publish(numbered(topic, 50, 100));
    await follower.caughtUp();
    await writing;
    await follower.caughtUp();
    await follower.close();
    expect([...reader.texts].sort()).toEqual(numbered(topic, 0, 100).map(({ value }) => Buffer.from(value ?? []).toString()).sort());
    expect(seams(reader)).toEqual([]);
  });

  it('begins where it is told', async () => {
    const topic = await made(broker());
    await broker().publish(numbered(topic, 0, 10));
    const reader = new RecordingReader();
    await read(broker(), topic, reader, new Map([[0, 7n]]));
    expect(reader.records.map(({ offset }) => offset)).toEqual([7n, 8n, 9n]);
  });

  it('begins at the first record since an instant, and at the end where there is none since', async () => {
    const topic = await made(broker());
    await broker().publish(numbered(topic, 0, 3));
    const reader = new RecordingReader();
    await read(broker(), topic, reader);
    const instants = reader.records.map(({ timestampMs }) => timestampMs);
    const since = async (sinceMs: number): Promise<number> => {
      const later = new RecordingReader();
      await read(broker(), topic, later, { sinceMs });
      return later.records.length;
    };
    expect(await since(Math.min(...instants))).toBe(3);
    expect(await since(Math.max(...instants) + 60_000)).toBe(0);
  });

  it('begins at the oldest record where the wanted one was never there', async () => {
    const topic = await made(broker());
    await broker().publish(numbered(topic, 0, 3));
    const reader = new RecordingReader();
    await read(broker(), topic, reader, new Map([[0, 1_000n]]));
    expect(reader.records.map(({ offset }) => offset)).toEqual([0n, 1n, 2n]);
  });

  it('gives every follower everything, also one that gathers', async () => {
    const topic = await made(broker());
    const readers = [new RecordingReader(), new RecordingReader()];
    const followers = readers.map((reader, index) => broker().follow(topic, { from: 'start', gathers: index === 1, onBatch: reader.onBatch, onFault: reader.onFault }));
    await broker().publish(numbered(topic, 0, 20));
    await Promise.all(followers.map((follower) => follower.caughtUp()));
    await Promise.all(followers.map((follower) => follower.close()));
    expect(readers.map(({ texts }) => texts.length)).toEqual([20, 20]);
  });

  it('has delivered what was published before a call of caughtUp when that resolves', async () => {
    const topic = await made(broker());
    const reader = new RecordingReader();
    const follower = broker().follow(topic, { from: 'start', onBatch: reader.onBatch, onFault: reader.onFault });
    for (const count of [1, 2, 3, 4, 5]) {
      await broker().publish(numbered(topic, count - 1, count));
      await follower.caughtUp();
      expect(reader.records).toHaveLength(count);
    }
    await follower.close();
  });

  it('delivers a batch again that its listener could not take, and nothing twice that it took', async () => {
    const topic = await made(broker());
    const reader = new RecordingReader();
    reader.refusing = 2;
    const follower = broker().follow(topic, { from: 'start', onBatch: reader.onBatch, onFault: reader.onFault });
    await broker().publish(numbered(topic, 0, 5));
    await reader.until(({ records }) => records.length >= 5);
    await follower.close();
    expect(reader.texts).toEqual(['0', '1', '2', '3', '4']);
    expect(reader.faults.map(({ code }) => code)).toEqual(['broker.batch_failed', 'broker.batch_failed']);
  });
}

function consuming(opened: () => OpenedBroker, broker: () => Broker): void {
  it('goes on after what was taken when a member comes back', async () => {
    const topic = await made(broker());
    await broker().publish(numbered(topic, 0, 10));
    const [first, second] = [new RecordingReader(), new RecordingReader()];
    const before = broker().consume(topic, { group: 'come back', ...taking(first) });
    await first.until(({ records }) => records.length === 10);
    await before.close();
    await broker().publish(numbered(topic, 10, 15));
    const after = broker().consume(topic, { group: 'come back', ...taking(second) });
    await second.until(({ records }) => records.length >= 5);
    await after.close();
    expect(second.texts).toEqual(['10', '11', '12', '13', '14']);
  });

  it('delivers a batch again that was refused', async () => {
    const topic = await made(broker());
    await broker().publish(numbered(topic, 0, 5));
    const reader = new RecordingReader();
    reader.refusing = 1;
    const member = broker().consume(topic, { group: 'refuse', ...taking(reader) });
    await reader.until(({ records }) => records.length >= 5);
    await member.close();
    expect(reader.texts).toEqual(['0', '1', '2', '3', '4']);
    expect(reader.faults).toMatchObject([{ code: 'broker.batch_failed' }]);
  });

  it('shares the partitions among the members, and passes them on when one leaves', async () => {
    const topic = await made(broker(), { partitions: 4 });
    const other = opened().connect();
    const [one, two] = [new RecordingReader(), new RecordingReader()];
    const members = [broker().consume(topic, { group: 'share', ...taking(one) }), other.consume(topic, { group: 'share', ...taking(two) })];
    const everywhere = (from: number) => [0, 1, 2, 3].map((partition) => ({ ...text(topic, 'k', String(from + partition)), partition }));
    for (let round = 0; one.records.length === 0 || two.records.length === 0; round += 1) {
      const seen = one.records.length + two.records.length;
      await broker().publish(everywhere(round * 4));
      await Promise.race([one, two].map((reader) => reader.until(() => one.records.length + two.records.length >= seen + 4)));
    }
    await members[1]?.close();
    await broker().publish(everywhere(1_000));
    await one.until(({ texts }) => [1_000, 1_001, 1_002, 1_003].every((number) => texts.includes(String(number))));
    await members[0]?.close();
    await other.close();
  });

  it('gives each group everything', async () => {
    const topic = await made(broker());
    await broker().publish(numbered(topic, 0, 5));
    const readers = [new RecordingReader(), new RecordingReader()];
    const members = readers.map((reader, index) => broker().consume(topic, { group: `all ${index}`, ...taking(reader) }));
    await Promise.all(readers.map((reader) => reader.until(({ records }) => records.length >= 5)));
    await Promise.all(members.map((member) => member.close()));
  });
}

function losing(opened: () => OpenedBroker, broker: () => Broker): void {
  it('says that it is away, and goes on where it was when it is back, nothing lost and nothing twice', async () => {
    const topic = await made(broker());
    const [follower, consumer] = [new RecordingReader(), new RecordingReader()];
    const following = broker().follow(topic, { from: 'start', ...follower });
    const member = broker().consume(topic, { group: 'lose', ...taking(consumer) });
    await broker().publish(numbered(topic, 0, 10));
    await following.caughtUp();
    await consumer.until(({ records }) => records.length >= 10);

    await opened().sever();
    await expect(broker().publish(numbered(topic, 100, 101))).rejects.toMatchObject({ code: 'broker.unreachable' });
    const late = following.caughtUp();
    await follower.until(({ faults }) => faults.some(({ code }) => code === 'broker.unreachable'));
    await opened().restore();

    await broker().publish(numbered(topic, 10, 20));
    await late;
    await following.caughtUp();
    await consumer.until(({ texts }) => texts.includes('19'));
    await following.close();
    await member.close();
    expect(follower.texts.filter((value) => value !== '100')).toEqual(Array.from({ length: 20 }, (_, number) => String(number)));
    expect(seams(follower)).toEqual([]);
    expect(new Set(consumer.texts).size).toBeGreaterThanOrEqual(20);
  });
}

function closing(opened: () => OpenedBroker): void {
  it('delivers nothing once closed, and tells those who wait', async () => {
    const [mine, others] = [opened().connect(), opened().connect()];
    const topic = await made(others);
    const reader = new RecordingReader();
    const follower = mine.follow(topic, { from: 'start', onBatch: reader.onBatch, onFault: reader.onFault });
    await follower.caughtUp();
    await mine.close();
    await others.publish(numbered(topic, 0, 3));
    await read(others, topic, new RecordingReader());
    expect(reader.records).toEqual([]);
    await expect(follower.caughtUp()).rejects.toMatchObject({ code: 'broker.closed' });
    await expect(mine.publish(numbered(topic, 0, 1))).rejects.toMatchObject({ code: 'broker.closed' });
    await others.close();
  });

  it('closes while the cluster is away', async () => {
    const mine = opened().connect();
    const topic = await made(mine);
    await opened().sever();
    const follower = mine.follow(topic, { from: 'start', ...new RecordingReader() });
    const waiting = expect(follower.caughtUp()).rejects.toMatchObject({ code: 'broker.closed' });
    await mine.close();
    await waiting;
    await opened().restore();
  });
}

function aTopic(over: Partial<TopicSpec> = {}): TopicSpec {
  topicCount += 1;
  return { name: `exam.${topicCount}`, partitions: 1, cleanup: 'delete', ...over };
}

async function made(broker: Broker, over: Partial<TopicSpec> = {}): Promise<string> {
  const topic = aTopic(over);
  await broker.ensureTopics([topic]);
  return topic.name;
}

function text(topic: string, key: string, value: string): Publication {
  return { topic, key, value: Buffer.from(value) };
}

function numbered(topic: string, from: number, below: number): readonly Publication[] {
  return Array.from({ length: below - from }, (_, index) => text(topic, `k${index}`, String(from + index)));
}

function taking(reader: RecordingReader): { onBatch: (records: Parameters<RecordingReader['onBatch']>[0]) => Promise<void>; onFault: RecordingReader['onFault'] } {
  return { onBatch: async (records) => reader.onBatch(records), onFault: reader.onFault };
}

async function read(broker: Broker, topic: string, reader: RecordingReader, from: FollowOptions['from'] = 'start'): Promise<void> {
  const follower: Following = broker.follow(topic, { from, onBatch: reader.onBatch, onFault: reader.onFault });
  await follower.caughtUp();
  await follower.close();
}

/** Places where a partition's offsets do not go on by one. */
function seams(reader: RecordingReader): readonly string[] {
  const last = new Map<number, bigint>();
  return reader.records.flatMap(({ partition, offset }) => {
    const before = last.get(partition);
    last.set(partition, offset);
    return before === undefined || offset === before + 1n ? [] : [`partition ${partition}: ${before} then ${offset}`];
  });
}
