import { createPublicKey, verify } from 'node:crypto';

import type { SinkConfiguration } from '@sallyport/sinks';
import { aBatch, outgoingEvents } from '@sallyport/sinks/testing';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';

import { FAKE_CREDENTIALS, type FakeWebhook } from './testing/fake-dialects.js';
import { examined, fakedWebhook, type FakedSink } from './testing/examined.js';
import type { FakeReceiver, Received } from './testing/fake-receiver.js';
import { newWebhookKey, webhookPublicKey } from './webhook-signature.js';
import { webhook } from './webhook.js';

const NEVER = new AbortController().signal;

async function sending(credentials: SinkConfiguration['credentials'], times = 1): Promise<readonly Received[]> {
  const { type, configuration, tools, receiver } = await examined(fakedWebhook());
  let secondsOn = 0;
  const clock = { ...tools.clock, now: () => (Date.now() + 1_000 * (secondsOn += 1)) as ReturnType<typeof tools.clock.now> };
  const sink = type.open({ ...configuration, credentials: { ...configuration.credentials, ...credentials } }, { ...tools, clock });
  for (let at = 0; at < times; at += 1) expect(await sink.deliver({ ...aBatch(outgoingEvents(2), true), checkpoint: 'a note\n' }, NEVER)).toEqual({ kind: 'delivered' });
  await sink.close();
  await receiver.close();
  return receiver.received;
}

function standard({ headers }: Received): Record<string, string> {
  return Object.fromEntries(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name])]));
}

/** Verifies as the specification says, with nothing but the public key in its text form. */
function verifies(received: Received, publicKey: string): boolean {
  const x = Buffer.from(publicKey.slice('whpk_'.length), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const of = standard(received);
  const signed = Buffer.concat([Buffer.from(`${of['webhook-id']}.${of['webhook-timestamp']}.`), received.body]);
  return (of['webhook-signature'] ?? '').split(' ').some((entry) => entry.startsWith('v1a,') && verify(null, signed, key, Buffer.from(entry.slice(4), 'base64')));
}

describe('a webhook', () => {
  it('is verified by the library of Standard Webhooks, and not when a byte was changed', async () => {
    const [received] = await sending({});
    if (received === undefined) return;
    const library = new Webhook(FAKE_CREDENTIALS.webhookSecret);
    expect(() => library.verify(received.body, standard(received), { jsonParse: false })).not.toThrow();
    expect(() => library.verify(`${received.body.toString()} `, standard(received), { jsonParse: false })).toThrow();
  });

  it('is signed by every key while one is exchanged for another', async () => {
    const [newer, older] = [newWebhookKey(), newWebhookKey()];
    const previous = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const [received] = await sending({ signing_key: newer, previous_signing_key: older, previous_secret: previous });
    if (received === undefined) return;
    for (const key of [newer, older]) expect(verifies(received, webhookPublicKey(key) ?? '')).toBe(true);
    expect(verifies(received, webhookPublicKey(newWebhookKey()) ?? '')).toBe(false);
    for (const secret of [previous, FAKE_CREDENTIALS.webhookSecret]) expect(() => new Webhook(secret).verify(received.body, standard(received), { jsonParse: false })).not.toThrow();
    expect(String(received.headers['webhook-signature']).split(' ').map((entry) => entry.split(',')[0])).toEqual(['v1a', 'v1a', 'v1', 'v1']);
  });

  it('keeps its id over retries and takes a fresh time for each', async () => {
    const [first, second] = await sending({}, 2);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(Number(second?.headers['webhook-timestamp'])).toBeGreaterThan(Number(first?.headers['webhook-timestamp']));
  });

  it('says where the batch lies in its stream, and the newest signed head', async () => {
    const [received] = await sending({});
    expect(received?.headers).toMatchObject({ 'sallyport-first-seq': '1', 'sallyport-last-seq': '2', 'sallyport-replay': 'true', 'sallyport-checkpoint': Buffer.from('a note\n').toString('base64') });
    expect(received?.body.toString()).toBe(outgoingEvents(2).map(({ stored }) => `${stored.line}\n`).join(''));
  });

  it('is over when the receiver says that it is gone', async () => {
    await withSink(fakedWebhook(), async (sink, receiver) => {
      receiver.behave({ status: 410 });
      expect(await sink.deliver(aBatch(outgoingEvents(1)), NEVER)).toMatchObject({ kind: 'paused', cause: 'gone' });
    });
  });

  it('proves its receiver by an echo, as JSON or as text', async () => {
    const faked = fakedWebhook();
    await withSink(faked, async (sink, receiver) => {
      for (const echo of ['json', 'text'] as const) {
        faked.dialect.echo = echo;
        expect(await sink.prove?.('token-1', NEVER)).toEqual({ ok: true, value: undefined });
      }
      faked.dialect.echo = 'nothing';
      expect(await sink.prove?.('token-1', NEVER)).toMatchObject({ ok: false, refusal: { advice: expect.stringContaining('challenge') } });
      await receiver.away();
      expect(await sink.prove?.('token-1', NEVER)).toMatchObject({ ok: false });
    });
  });

  it('wants a key, and each in its form', () => {
    const of = (credentials: Readonly<Record<string, string>>) => webhook.check({ settings: { url: 'https://hooks.test/in' }, credentials, format: 'native', formatVersion: null });
    expect(of({})).toMatchObject({ refusal: [{ pointer: '/credentials/signing_key' }] });
    const pasted = `whsk_${Buffer.concat([Buffer.alloc(32, 1), Buffer.alloc(32, 2)]).toString('base64')}`;
    for (const wrong of ['whsk_AAAA', 'whsk_!!', FAKE_CREDENTIALS.webhookSecret, pasted]) expect(of({ signing_key: wrong })).toMatchObject({ refusal: [{ pointer: '/credentials/signing_key' }] });
    expect(of({ secret: `whsec_${Buffer.alloc(23).toString('base64')}` })).toMatchObject({ refusal: [{ pointer: '/credentials/secret' }] });
    expect(of({ signing_key: `whsk_${Buffer.alloc(32, 1).toString('base64')}` })).toMatchObject({ ok: true });
  });
});

async function withSink(faked: FakedSink<FakeWebhook>, use: (sink: ReturnType<typeof webhook.open>, receiver: FakeReceiver) => Promise<void>): Promise<void> {
  const { type, configuration, tools, receiver } = await examined(faked);
  const sink = type.open(configuration, tools);
  await use(sink, receiver);
  await sink.close();
  await receiver.close();
}
