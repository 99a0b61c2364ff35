import type { OutgoingEvent, Sink } from '@sallyport/sinks';
import { aBatch, anOutgoingEvent, outgoingEvents } from '@sallyport/sinks/testing';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';

import { DATADOG_BYTES, DATADOG_LATE_MS } from './datadog.js';
import { RENEW_BEFORE_MS } from './oauth-token.js';
import { examined, fakedAzure, fakedDatadog, fakedSecops, type FakedSink } from './testing/examined.js';
import type { Dialect, FakeReceiver } from './testing/fake-receiver.js';

const NEVER = new AbortController().signal;
const FIRST_MS = Date.parse('2026-11-21T12:00:00Z');

interface Bench {
  readonly sink: Sink;
  readonly receiver: FakeReceiver;
  /** Lets milliseconds pass. */
  later(ms: number): void;
}

async function on<Fake extends Dialect>(faked: FakedSink<Fake>, use: (bench: Bench) => Promise<void>): Promise<void> {
  const { type, configuration, tools, receiver } = await examined(faked);
  let nowMs = FIRST_MS;
  const clock = { now: () => nowMs as ReturnType<typeof tools.clock.now>, monotonicMs: () => nowMs };
  const sink = type.open(configuration, { ...tools, clock });
  await use({ sink, receiver, later: (ms) => (nowMs += ms) });
  await sink.close();
  await receiver.close();
}

/** An event with so much in what may be left out, and so much in what may not. */
function longEvent(seq: number, excerpt: number, name = 1): OutgoingEvent {
  return anOutgoingEvent(seq, { atMs: FIRST_MS, fact: { request: { args_bytes: excerpt, args_excerpt: 'e'.repeat(excerpt) }, server: { id: '0199c8b4-3333-7000-8000-000000000003', name: 'n'.repeat(name) } } });
}

describe('Datadog', () => {
  it('gets an event above 1 MB shortened by us, told what was left out, with the hash of the whole', () =>
    on(fakedDatadog(), async ({ sink, receiver }) => {
      const event = longEvent(1, DATADOG_BYTES.log + 1);
      expect(await sink.deliver(aBatch([event]), NEVER)).toEqual({ kind: 'delivered' });
      const [log] = JSON.parse(receiver.received[0]?.body.toString() ?? '') as { sallyport_truncated: string[]; message: string }[];
      expect(log?.sallyport_truncated).toEqual(['/request/args_excerpt']);
      expect(JSON.parse(log?.message ?? '')).toMatchObject({ request: { args_bytes: DATADOG_BYTES.log + 1 }, integrity: { hash: event.stored.hash } });
    }));

  it('sends the rest when an event cannot be shortened enough, and refuses that one', () =>
    on(fakedDatadog(), async ({ sink, receiver }) => {
      const events = [anOutgoingEvent(1), longEvent(2, 10, DATADOG_BYTES.log), anOutgoingEvent(3)];
      expect(await sink.deliver(aBatch(events), NEVER)).toMatchObject({ kind: 'partly', again: [], rejected: [{ index: 1 }] });
      expect(await receiver.kept()).toEqual([events[0]?.stored.eventId, events[2]?.stored.eventId]);
    }));

  it('gets the id of each event as a tag and as a field, by which one that came twice is told', () =>
    on(fakedDatadog(), async ({ sink, receiver }) => {
      const [event] = outgoingEvents(1);
      await sink.deliver(aBatch(event === undefined ? [] : [event]), NEVER);
      const [log] = JSON.parse(receiver.received[0]?.body.toString() ?? '') as Record<string, unknown>[];
      expect(log).toMatchObject({ ddsource: 'sallyport', event_id: event?.stored.eventId, seq: 1, ddtags: `event_id:${event?.stored.eventId},stream:${event?.stored.stream}` });
    }));

  it('gets no time for an event of more than 18 hours ago, which it would drop', () =>
    on(fakedDatadog(), async ({ sink, receiver }) => {
      await sink.deliver(aBatch([anOutgoingEvent(1, { atMs: FIRST_MS - DATADOG_LATE_MS }), anOutgoingEvent(2, { atMs: FIRST_MS - DATADOG_LATE_MS + 1_000 })]), NEVER);
      const logs = JSON.parse(receiver.received[0]?.body.toString() ?? '') as { timestamp?: number; sallyport_time: string }[];
      expect(logs.map((log) => log.timestamp !== undefined)).toEqual([false, true]);
      expect(logs[0]?.sallyport_time).toBe('2026-11-20T18:00:00.000000Z');
    }));
});

describe('Azure Monitor', () => {
  it('asks for a token once, and again before it ends', () => {
    const faked = fakedAzure();
    return on(faked, async ({ sink, later }) => {
      for (let at = 0; at < 3; at += 1) expect(await sink.deliver(aBatch(outgoingEvents(2)), NEVER)).toEqual({ kind: 'delivered' });
      expect(faked.dialect.tokens).toBe(1);
      later(3_600_000 - RENEW_BEFORE_MS);
      await sink.deliver(aBatch(outgoingEvents(2)), NEVER);
      expect(faked.dialect.tokens).toBe(2);
    });
  });

  it('asks for another token once when one is refused before its time', () => {
    const faked = fakedAzure();
    return on(faked, async ({ sink }) => {
      await sink.deliver(aBatch(outgoingEvents(2)), NEVER);
      faked.dialect.end();
      expect(await sink.deliver(aBatch(outgoingEvents(2)), NEVER)).toEqual({ kind: 'delivered' });
      expect(faked.dialect.tokens).toBe(2);
    });
  });

  it('keeps every column within what Azure keeps, and names what was left out', () =>
    on(fakedAzure({ max_field_bytes: 4_096 }), async ({ sink, receiver }) => {
      expect(await sink.deliver(aBatch([longEvent(1, 5_000), longEvent(2, 1, 5_000)]), NEVER)).toMatchObject({ kind: 'partly', rejected: [{ index: 1 }] });
      const rows = JSON.parse(receiver.received.at(-1)?.body.toString() ?? '') as { Truncated: string; Event: string }[];
      expect(rows.map((row) => row.Truncated)).toEqual(['/request/args_excerpt']);
      expect(Buffer.byteLength(rows[0]?.Event ?? '')).toBeLessThanOrEqual(4_096);
    }));

  it('is paused when the authority refuses the application', () => {
    const faked = fakedAzure();
    const wrong = { ...faked, configuration: (url: string) => ({ ...faked.configuration(url), credentials: { client_secret: 'wrong' } }) };
    return on(wrong, async ({ sink, receiver }) => {
      expect(await sink.deliver(aBatch(outgoingEvents(1)), NEVER)).toMatchObject({ kind: 'paused', cause: 'auth' });
      expect(await receiver.kept()).toEqual([]);
    });
  });
});

describe('Google SecOps', () => {
  it('signs in with a claim of the service account, and imports raw logs under a forwarder', () => {
    const faked = fakedSecops();
    return on(faked, async ({ sink, receiver }) => {
      const [event] = outgoingEvents(1);
      if (event === undefined) return;
      expect(await sink.deliver(aBatch([event]), NEVER)).toEqual({ kind: 'delivered' });
      const [assertion = ''] = faked.dialect.assertions;
      expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'RS256', kid: 'k1' });
      expect(decodeJwt(assertion)).toMatchObject({ iss: 'siem@p-1.iam.test', aud: `${receiver.origin}/token`, iat: FIRST_MS / 1_000, exp: FIRST_MS / 1_000 + 3_600 });
      const imported = receiver.received.at(-1);
      expect(imported?.path).toBe('/v1alpha/projects/p-1/locations/us/instances/i-1/logTypes/SALLYPORT_CUSTOM/logs:import');
      const { inlineSource } = JSON.parse(imported?.body.toString() ?? '') as { inlineSource: { forwarder: string; logs: { data: string; logEntryTime: string }[] } };
      expect(inlineSource.forwarder).toBe('projects/p-1/locations/us/instances/i-1/forwarders/f-1');
      expect(Buffer.from(inlineSource.logs[0]?.data ?? '', 'base64').toString()).toBe(event.stored.line);
    });
  });

  it('has a batch halved that is above 1 MB, without sending it', () =>
    on(fakedSecops(), async ({ sink, receiver }) => {
      expect(await sink.deliver(aBatch(outgoingEvents(2, 1, { padding: 500_000 })), NEVER)).toMatchObject({ kind: 'unfit' });
      expect(receiver.received).toEqual([]);
    }));

  it('points at a key file that is none, and quotes nothing of it', () => {
    const { type, configuration } = fakedSecops();
    for (const file of ['SECRET', '{"client_email":"SECRET"}', '{"client_email":"a","private_key":"SECRET","token_uri":"https://t.test"}']) {
      const checked = type.check({ ...configuration('https://secops.test'), credentials: { service_account: file } });
      expect(checked).toMatchObject({ ok: false, refusal: [{ pointer: '/credentials/service_account' }] });
      expect(JSON.stringify(checked)).not.toContain('SECRET');
    }
  });
});
