import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';
import type { Delivery, Sink } from '@sallyport/sinks';
import { aBatch, anOutgoingEvent, outgoingEvents, sinkTypeContract } from '@sallyport/sinks/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ACK_PATIENCE_MS, ACK_POLL_MS } from './splunk-acknowledgement.js';
import { splunkDelivery } from './splunk-answer.js';
import { SPLUNK_POST_BYTES, splunkHec } from './splunk-hec.js';
import { examined, FAKE_ABILITIES, fakedSplunk } from './testing/examined.js';
import { FakeReceiver } from './testing/fake-receiver.js';
import type { FakeSplunk } from './testing/fake-splunk.js';
import { sinkTools } from './testing/sink-tools.js';

const NEVER = new AbortController().signal;
const FIVE_MINUTES_MS = 300_000;

describe('HEC without acknowledgement', () => {
  it('sends objects after each other with time to the microsecond and the id as an indexed field', async () => {
    const { type, configuration, tools, receiver } = await examined(fakedSplunk({ index: 'audit', compression: 'none' }));
    const sink = type.open(configuration, tools);
    await sink.deliver(aBatch([anOutgoingEvent(1, { atMs: 1_760_000_000_123 }), anOutgoingEvent(2)]), NEVER);
    const [first] = receiver.received;
    const { stored } = anOutgoingEvent(1, { atMs: 1_760_000_000_123 });
    expect(first?.path).toBe('/services/collector/event');
    expect(first?.body.toString().split('}{"time"')).toHaveLength(2);
    expect(first?.body.toString()).toContain(`{"time":1760000000.123000,"host":"sallyport","source":"sallyport","sourcetype":"sallyport:audit","index":"audit","fields":{"event_id":"${stored.eventId}"`);
    expect(first?.body.toString()).toContain(`"event":${stored.line}}`);
    await sink.close();
    await receiver.close();
  });

  it('has a batch halved that is larger than a POST may be, without sending it', async () => {
    const { type, configuration, tools, receiver } = await examined(fakedSplunk());
    const sink = type.open(configuration, tools);
    expect(await sink.deliver(aBatch(outgoingEvents(3, 1, { padding: SPLUNK_POST_BYTES / 2 })), NEVER)).toMatchObject({ kind: 'unfit' });
    expect(receiver.received).toEqual([]);
    await sink.close();
    await receiver.close();
  });

  it('is paused when the token wants acknowledgement', async () => {
    const faked = fakedSplunk();
    const { type, configuration, tools, receiver } = await examined(faked);
    faked.dialect.acks = 'indexes';
    const sink = type.open(configuration, tools);
    expect(await sink.deliver(aBatch(outgoingEvents(1)), NEVER)).toMatchObject({ kind: 'paused', cause: 'config', advice: expect.stringContaining('acknowledgement') });
    await sink.close();
    await receiver.close();
  });
});

describe('what HEC says of events', () => {
  const said = (status: number, code: number) => splunkDelivery({ status, body: Buffer.from(JSON.stringify({ text: 'SECRET words', code })), complete: true });

  it('is a wrong setting by its number, for which a person is asked, and wrong data by any other', () => {
    expect(said(400, 7)).toMatchObject({ kind: 'paused', cause: 'config', advice: expect.stringContaining('index') });
    for (const code of [10, 11]) expect(said(400, code)).toMatchObject({ kind: 'paused', cause: 'config', advice: expect.stringContaining('acknowledgement') });
    for (const code of [5, 6, 12, 13]) expect(said(400, code)).toEqual({ kind: 'unfit', reason: `The receiver answered HTTP 400, code ${code}: it cannot read the data.` });
  });

  it('is for later where the collector is busy or broken, and for a person where it does not know the token', () => {
    for (const status of [429, 500, 503]) expect(said(status, 9)).toMatchObject({ kind: 'unavailable' });
    for (const status of [401, 403]) expect(said(status, 4)).toMatchObject({ kind: 'paused', cause: 'auth', advice: expect.stringContaining('token') });
    expect(JSON.stringify([said(400, 6), said(403, 4), said(500, 8)])).not.toContain('SECRET');
  });

  it('is promised as far as it goes: to the index with acknowledgement, else to the front door', () => {
    const promise = (acknowledgement: boolean) => splunkHec.guarantee(fakedSplunk({ acknowledgement }).configuration('https://splunk.example.com:8088'));
    expect([promise(true), promise(false)]).toEqual(['at-least-once to index', 'at-least-once to the HEC front door']);
  });
});

sinkTypeContract('splunk_hec with acknowledgement, before a fake', FAKE_ABILITIES.filter((ability) => ability !== 'hang'), async () => {
  const faked = fakedSplunk({ acknowledgement: true });
  const opened = await examined(faked);
  faked.dialect.reset = () => faked.dialect.restart();
  faked.dialect.acks = 'indexes';
  return opened;
});

describe('HEC with acknowledgement', () => {
  let splunk: FakeSplunk;
  let receiver: FakeReceiver;
  let sink: Sink;
  let clock: FakeClock;
  let scheduler: ManualScheduler;
  const batch = aBatch(outgoingEvents(3));
  const arrivals = (): number => receiver.received.filter(({ path }) => path.endsWith('/event')).length;

  beforeEach(async () => {
    const faked = fakedSplunk({ acknowledgement: true });
    splunk = faked.dialect;
    receiver = await FakeReceiver.start(splunk);
    clock = new FakeClock(1_760_000_000_000);
    scheduler = new ManualScheduler(clock);
    sink = faked.type.open(faked.configuration(receiver.origin), sinkTools({ clock, scheduler }));
  });

  afterEach(async () => {
    await sink.close();
    await receiver.close();
  });

  /** Delivers while time passes, five seconds whenever the sink waits for less. */
  async function deliver(): Promise<Delivery> {
    let done = false;
    const delivering = sink.deliver(batch, NEVER).finally(() => (done = true));
    while (!done) {
      await Promise.race([delivering, expect.poll(() => scheduler.delaysMs.some((delay) => delay <= ACK_POLL_MS.longest)).toBe(true)]);
      if (!done) scheduler.advance(ACK_POLL_MS.longest);
    }
    return delivering;
  }

  it('is delivered only once the receiver says that the batch is indexed', async () => {
    splunk.acks = 'indexes';
    expect(await deliver()).toEqual({ kind: 'delivered' });
    expect([arrivals(), splunk.polls]).toEqual([1, 1]);
  });

  it('takes false for unknown: asks on, does not send again, and is delivered when it turns true', async () => {
    splunk.acks = 'never';
    expect(await deliver()).toMatchObject({ kind: 'unavailable', reason: expect.stringContaining('not said yet') });
    expect(arrivals()).toBe(1);
    splunk.acks = 'indexes';
    expect(await deliver()).toEqual({ kind: 'delivered' });
    expect(arrivals()).toBe(1);
  });

  it('sends again what was lost, after it was given up', async () => {
    splunk.acks = 'lose';
    await deliver();
    clock.advance(FIVE_MINUTES_MS - ACK_PATIENCE_MS);
    splunk.acks = 'indexes';
    expect(await deliver()).toEqual({ kind: 'delivered' });
    expect(arrivals()).toBe(2);
    expect(await receiver.kept()).toHaveLength(3);
  });

  it('sends again on a new channel when the receiver has forgotten the old one', async () => {
    splunk.acks = 'never';
    await deliver();
    splunk.restart();
    expect(await deliver()).toMatchObject({ kind: 'unavailable', reason: expect.stringContaining('forgotten'), retryAfterMs: 0 });
    splunk.acks = 'indexes';
    expect(await deliver()).toEqual({ kind: 'delivered' });
    const channels = receiver.received.filter(({ path }) => path.endsWith('/event')).map(({ headers }) => headers['x-splunk-request-channel']);
    expect(new Set(channels).size).toBe(2);
  });

  it('is paused when the token has acknowledgement switched off', async () => {
    expect(await deliver()).toMatchObject({ kind: 'paused', cause: 'config', advice: expect.stringContaining('Enable indexer acknowledgement') });
  });
});
