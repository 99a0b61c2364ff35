import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { webhook } from '@sallyport/sinks-http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { runCommandLine } from './program.js';

interface Seen {
  readonly query: string;
  readonly variables: { readonly input?: Readonly<Record<string, unknown>>; readonly afterSeq?: number; readonly first?: number };
}

let folder: string;
let server: Server;
let seen: Seen[];
let answers: object[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-cli-'));
  [seen, answers] = [[], []];
  server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(Buffer.from(piece));
    seen.push(JSON.parse(Buffer.concat(pieces).toString()) as Seen);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ data: answers.shift() }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function run(...argv: readonly string[]) {
  const written = { out: '', err: '' };
  const environment = { SALLYPORT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, SALLYPORT_TOKEN: 'sp_usr_t' };
  const exitCode = await runCommandLine(argv, {
    nowMs: () => Date.parse('2026-11-21T12:00:00Z'),
    start: async () => 0,
    terminal: { out: (text) => (written.out += text), err: (text) => (written.err += text), colour: false, progress: false, environment, folder, home: folder, readStdin: async () => '' },
  });
  return { exitCode, ...written };
}

const refusal = (code: string) => ({ __typename: 'Refusal', code, message: 'No.', pointer: null });

describe('sink on the command line', () => {
  it('takes a secret from a file alone, and shows it nowhere', async () => {
    const file = join(folder, 'key.txt');
    writeFileSync(file, 'very-secret\n');
    answers = [{ addSink: refusal('sink.name_taken') }];
    const added = await run('sink', 'add', 'splunk-hec', 'siem', '--set', 'url=https://siem.example.com', '--set', 'tls.verify=true', '--credential', `token=@${file}`, '--filter', 'call.*', '--json');
    expect(added).toMatchObject({ exitCode: 8, out: '' });
    expect(seen[0]?.variables.input).toMatchObject({
      ...{ type: 'splunk_hec', name: 'siem', settings: { url: 'https://siem.example.com', tls: { verify: true } } },
      ...{ credentials: [{ name: 'token', value: 'very-secret' }], filter: { types: ['call.*'], outcomes: [] } },
    });
    expect(added.err).not.toContain('very-secret');
    for (const credential of ['token=very-secret', 'very-secret']) {
      const refused = await run('sink', 'add', 'splunk_hec', 'siem', '--credential', credential);
      expect(refused).toMatchObject({ exitCode: 2, err: expect.stringContaining('name=@FILE') });
      expect(refused.err).not.toContain('very-secret');
    }
    expect(seen).toHaveLength(1);
  });

  it.each([
    [['add', 'splunk', 'siem'], 'Kinds of sink are'],
    [['add', 'webhook', 'siem', '--format', 'xml'], 'Formats are'],
    [['replay', 'siem', '--from', '1', '--to', '2'], '--reason'],
    [['dead-letters', 'siem', '--resend', '1', '--discard', '2'], 'one of --resend'],
  ])('refuses %j before anything is asked', async (argv, words) => {
    expect(await run('sink', ...argv)).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining(words) });
    expect(seen).toEqual([]);
  });

  it('tells every problem of settings, at its place', async () => {
    const problems = [{ pointer: '/settings/url', message: 'Write https.' }, { pointer: '/credentials/token', message: 'Give it.' }];
    answers = [{ addSink: { __typename: 'SinkRejected', code: 'sink.rejected', message: 'Write https.', pointer: '/settings/url', problems } }];
    const { exitCode, err } = await run('sink', 'add', 'webhook', 'siem', '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'sink.rejected', problems } });
  });

  it('shows what a receiver said of a test event and what was sent, and ends with 1 where it was not taken', async () => {
    answers = [{ testSink: { __typename: 'TestSinkPayload', sink: { id: 's1' }, taken: false, receiver: 'It answered 401.', advice: 'Give it another token.', sample: { seq: 0 }, preview: 'CEF:0|sample' } }];
    const { exitCode, out } = await run('sink', 'test', 'siem');
    expect(exitCode).toBe(1);
    for (const words of ['It answered 401.', 'Give it another token.', 'CEF:0|sample']) expect(out).toContain(words);
  });

  it('gives dead letters up with the reason', async () => {
    answers = [{ discardDeadLetters: { __typename: 'DiscardDeadLettersPayload', count: 2, revision: 7 } }];
    expect(await run('sink', 'dead-letters', 'siem', '--discard', '4', '--discard', '9', '--reason', 'duplicates', '--json')).toMatchObject({ exitCode: 0, out: '{"count":2,"revision":7}\n' });
    expect(seen[0]?.variables.input).toEqual({ sink: 'siem', seqs: [4, 9], reason: 'duplicates' });
  });
});

describe('audit pull on the command line', () => {
  const page = (lines: readonly string[], lastSeq: number, more: object = {}) => ({ auditPull: { lines, lastSeq, newestSeq: 12, gap: null, checkpoint: null, ...more } });

  it('writes event after event until the stream has no more', async () => {
    answers = [page(['{"seq":11}'], 11), page(['{"seq":12}'], 12)];
    expect(await run('audit', 'pull', '--after', '10', '--limit', '1')).toEqual({ exitCode: 0, out: '{"seq":11}\n{"seq":12}\n', err: '' });
    expect(seen.map(({ variables }) => [variables.afterSeq, variables.first])).toEqual([[10, 1], [11, 1]]);
  });

  it('says what retention had removed, and ends with 1', async () => {
    answers = [page(['{"seq":12}'], 12, { gap: { fromSeq: 1, toSeq: 11 } })];
    expect(await run('audit', 'pull', '--after', '0')).toEqual({ exitCode: 1, out: '{"seq":12}\n', err: 'Events 1 to 11 are missing: retention had removed them.\n' });
  });

  it('stops before a stream that is not the one it knows', async () => {
    answers = [page([], 50)];
    expect(await run('audit', 'pull', '--after', '50')).toMatchObject({ exitCode: 1, out: '', err: expect.stringContaining('ends with event 12') });
  });
});

describe('sink webhook-key', () => {
  const PRIVATE = /whsk_[A-Za-z0-9+/=]+/;

  it('makes a key that only its owner reads, shows the public half, and never the key', async () => {
    const file = join(folder, 'webhook.key');
    const { exitCode, out, err } = await run('sink', 'webhook-key', file, '--json');
    const key = readFileSync(file, 'utf8').trim();
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toEqual({ publicKey: expect.stringMatching(/^whpk_[A-Za-z0-9+/]{43}=$/), file, created: true });
    expect(key).toMatch(PRIVATE);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(`${out}${err}`).not.toMatch(PRIVATE);
    expect(seen).toEqual([]);
  });

  it('makes one that the webhook sink signs with, and a receiver verifies by the half that was shown', async () => {
    const file = join(folder, 'webhook.key');
    const { out } = await run('sink', 'webhook-key', file, '--json');
    const { publicKey } = JSON.parse(out) as { publicKey: string };
    const seed = Buffer.from(readFileSync(file, 'utf8').trim().slice('whsk_'.length), 'base64').subarray(0, 32);
    const half = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey.slice('whpk_'.length), 'base64').toString('base64url') };
    const signature = sign(null, Buffer.from('msg_1.1764000000.{}'), createPrivateKey({ key: { ...half, d: seed.toString('base64url') }, format: 'jwk' }));
    expect(verify(null, Buffer.from('msg_1.1764000000.{}'), createPublicKey({ key: half, format: 'jwk' }), signature)).toBe(true);
    expect(webhook.check({ settings: { url: 'https://siem.example.com/in' }, credentials: { signing_key: readFileSync(file, 'utf8').trim() }, format: 'native', formatVersion: null })).toEqual({ ok: true, value: undefined });
  });

  it('shows the public half of a key that is there, and leaves its file alone', async () => {
    const file = join(folder, 'webhook.key');
    const first = JSON.parse((await run('sink', 'webhook-key', file, '--json')).out) as object;
    const before = readFileSync(file, 'utf8');
    expect(JSON.parse((await run('sink', 'webhook-key', file, '--json')).out)).toEqual({ ...first, created: false });
    expect(await run('sink', 'webhook-key', file)).toMatchObject({ exitCode: 0, out: expect.stringContaining(`signing_key=@${file}`) });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it.each(['', 'very-secret', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsk_AAAA', `whsk_${'A'.repeat(43)}=\nwhsk_${'A'.repeat(43)}=`])('refuses a file that holds %j, shows nothing of it, and leaves it alone', async (content) => {
    const file = join(folder, 'webhook.key');
    writeFileSync(file, content);
    const { exitCode, out, err } = await run('sink', 'webhook-key', file);
    expect([exitCode, out]).toEqual([2, '']);
    expect(err).toContain('holds no signing key');
    expect(content !== '' && err.includes(content)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('writes through no link, and says where it cannot write', async () => {
    const target = join(folder, 'target');
    symlinkSync(target, join(folder, 'link'));
    expect(await run('sink', 'webhook-key', join(folder, 'link'))).toMatchObject({ exitCode: 1, out: '' });
    expect(existsSync(target)).toBe(false);
    expect(await run('sink', 'webhook-key', join(folder, 'nowhere', 'webhook.key'))).toMatchObject({ exitCode: 1, out: '', err: expect.stringContaining('cannot be written') });
  });
});
