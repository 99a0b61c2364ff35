import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
    expect(await run('sink', 'add', 'splunk_hec', 'siem', '--credential', 'token=very-secret')).toMatchObject({ exitCode: 2, err: expect.stringContaining('name=@FILE') });
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
