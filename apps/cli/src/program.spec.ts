import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { StartFlags } from './commands/start-command.js';
import { runCommandLine } from './program.js';

interface Run {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

interface Seen {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly authorization: string | undefined;
  readonly organisation: string | string[] | undefined;
}

let folder: string;
let server: Server;
let url: string;
let answer: unknown;
let seen: Seen[];
const started: StartFlags[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-cli-'));
  seen = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { query: string; variables: Record<string, unknown> };
      seen.push({ ...body, authorization: request.headers.authorization, organisation: request.headers['sallyport-organisation'] });
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function run(argv: readonly string[], environment: NodeJS.ProcessEnv = { SALLYPORT_URL: url, SALLYPORT_TOKEN: 'sp_usr_t' }, stdin = ''): Promise<Run> {
  const written = { out: '', err: '' };
  const exitCode = await runCommandLine(argv, {
    nowMs: () => Date.parse('2026-11-21T12:00:00Z'),
    start: async (flags) => {
      started.push(flags);
      return 0;
    },
    terminal: {
      out: (text) => (written.out += text),
      err: (text) => (written.err += text),
      colour: false,
      progress: false,
      environment,
      folder,
      home: folder,
      readStdin: async () => stdin,
    },
  });
  return { exitCode, ...written };
}

const REVEAL = {
  id: 'r1', status: 'requested', decisionId: 'd1', reason: 'case 17', requestedBy: 'm1', requestedAt: '2026-11-21T12:00:00.000Z', confirmBy: '2026-11-22T12:00:00.000Z',
  confirmedBy: null, confirmedAt: null, readBy: null, reads: null, readings: 0, refusedBy: null, refusalReason: null, revision: 9,
};
const refusalFor = (field: string, code: string) => ({ data: { [field]: { __typename: 'Refusal', code, message: 'No.', pointer: null } } });

describe('sallyport command line', () => {
  it('shows help with an example for every command that does something', async () => {
    const { out } = await run(['completion', 'bash']);
    const paths = [...out.matchAll(/^ {4}'([^']+)'\)/gm)].map((found) => (found[1] ?? '').split(' '));
    expect(paths.length).toBeGreaterThan(35);
    for (const path of paths) {
      const help = await run([...path, '--help']);
      expect(help.exitCode, path.join(' ')).toBe(0);
      const isGroup = paths.some((other) => other.length > path.length && path.every((word, at) => other[at] === word));
      if (!isGroup) expect(help.out, path.join(' ')).toContain('Example:');
    }
  });

  it.each([
    [['grant', 'isue'], 'Did you mean issue'],
    [['grant', 'issue'], '--identity'],
    [['identity', 'create', 'x', '--kind', 'robot'], 'robot'],
    [['identity', 'regroup', 'x'], 'or --none'],
    [['identity', 'regroup', 'x', '--none', '--group', 'ops'], 'or --none'],
    [['decisions', 'list', '--limit', '101'], '1 to 100'],
    [['decisions', 'list', '--since', 'yesterday'], '24h'],
    [['policy', 'try', 'p', '--server', 's', '--tool', 't', '--args', '[1]'], 'JSON object'],
  ])('answers wrong usage with 2 and a sentence: %j', async (argv, words) => {
    const { exitCode, err, out } = await run([...argv, '--json']);
    expect(exitCode).toBe(2);
    expect(out).toBe('');
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'cli.usage', message: expect.stringContaining(words) } });
  });

  it.each([
    [['identity', 'regroup', 'bot', '--group', 'ops', '--group', 'on call', '--wait', 'enforced'], { identity: 'bot', groups: ['ops', 'on call'], waitFor: 'ENFORCED' }],
    [['identity', 'regroup', 'bot', '--none'], { identity: 'bot', groups: [], waitFor: 'COMMITTED' }],
  ])('puts an identity into groups: %j', async (argv, input) => {
    const identity = { id: 'i1', name: 'bot', kind: 'agent', labels: [{ key: 'team', value: 'a' }], groups: input.groups, status: 'active', createdAt: '2026-11-21T12:00:00.000Z', revision: 9 };
    answer = { data: { regroupIdentity: { __typename: 'RegroupIdentityPayload', identity, revision: 9, enforcement: null } } };
    const { exitCode, out } = await run([...argv, '--json']);
    expect([exitCode, seen.at(-1)?.variables]).toEqual([0, { input }]);
    expect(JSON.parse(out)).toMatchObject({ identityId: 'i1', labels: { team: 'a' }, groups: input.groups, revision: 9 });
    expect((await run(argv)).out).toContain(input.groups.join(', '));
  });

  it('shows and creates an identity with its groups', async () => {
    const identity = { id: 'i1', name: 'bot', kind: 'agent', labels: [], groups: ['on call', 'ops'], status: 'active', createdAt: '2026-11-21T12:00:00.000Z', revision: 9 };
    answer = { data: { identity } };
    expect((await run(['identity', 'show', 'bot'])).out).toMatch(/groups +on call, ops/);
    answer = { data: { identities: { nodes: [identity], pageInfo: { endCursor: null, hasNextPage: false } } } };
    expect((await run(['identity', 'list'])).out).toContain('on call, ops');
    expect(JSON.parse((await run(['identity', 'list', '--json'])).out)).toMatchObject({ items: [{ groups: ['on call', 'ops'] }] });
    answer = { data: { createIdentity: { __typename: 'CreateIdentityPayload', identity, revision: 9, enforcement: null } } };
    await run(['identity', 'create', 'bot', '--kind', 'agent', '--group', 'ops', '--group', 'on call']);
    expect(seen.at(-1)?.variables).toEqual({ input: { name: 'bot', kind: 'agent', labels: [], groups: ['ops', 'on call'] } });
  });

  it.each([
    ['grant.unknown', 7],
    ['server.slug_taken', 8],
    ['idempotency_conflict', 8],
    ['forbidden', 6],
    ['server.cannot_list', 1],
  ])('ends a refusal %s with %i', async (code, exit) => {
    answer = refusalFor('revokeGrant', code);
    const { exitCode, err, out } = await run(['grant', 'revoke', 'g', '--json']);
    expect({ exitCode, out }).toEqual({ exitCode: exit, out: '' });
    expect(JSON.parse(err)).toEqual({ error: { code, message: 'No.' } });
  });

  it('ends with 6 when the token is not accepted, with 9 when nothing answers', async () => {
    answer = { errors: [{ message: 'Who?', extensions: { code: 'unauthenticated' } }] };
    expect((await run(['whoami'])).exitCode).toBe(6);
    expect((await run(['whoami'], { SALLYPORT_URL: 'http://127.0.0.1:1', SALLYPORT_TOKEN: 'x' })).exitCode).toBe(9);
    expect((await run(['whoami'], { SALLYPORT_URL: url })).exitCode).toBe(6);
  });

  it('sends an operator\'s organisation and the token it was given', async () => {
    answer = { data: { revision: 4 } };
    const { out } = await run(['--org', 'acme', 'revision', '--json']);
    expect(JSON.parse(out)).toEqual({ revision: 4 });
    expect(seen[0]).toMatchObject({ authorization: 'Bearer sp_usr_t', organisation: 'acme' });
  });

  it.each(['disable', 'enable'] as const)('lets an identity be switched: %s', async (word) => {
    const identity = { id: 'i1', name: 'bot', kind: 'agent', labels: [], groups: [], status: `${word}d`, createdAt: '2026-11-21T12:00:00.000Z', revision: 9 };
    answer = { data: { [`${word}Identity`]: { __typename: 'Payload', identity, revision: 9, enforcement: { reached: true, outstanding: [] } } } };
    const { exitCode, out } = await run(['identity', word, 'bot', '--wait', 'enforced', '--json']);
    expect([exitCode, JSON.parse(out)]).toMatchObject([0, { identityId: 'i1', status: `${word}d`, revision: 9, reached: true }]);
    expect(seen[0]?.variables).toEqual({ input: { identity: 'bot', waitFor: 'ENFORCED' } });
  });

  it('keeps header values out of the command line', async () => {
    answer = refusalFor('registerServer', 'server.slug_taken');
    writeFileSync(join(folder, 'secret.txt'), 'Bearer s3cret\n');
    await run(['server', 'add', 'x', '--url', 'https://x.example/mcp', '--header', `Authorization: @${join(folder, 'secret.txt')}`]);
    expect(seen[0]?.variables).toMatchObject({ input: { headers: [{ name: 'Authorization', value: 'Bearer s3cret' }] } });
  });

  it('does not show a header again that is none', async () => {
    const { exitCode, out, err } = await run(['server', 'add', 'x', '--url', 'https://x.example/mcp', '--header', 'Bearer s3cret']);
    expect([exitCode, out, err]).toEqual([2, '', expect.stringContaining("Write a header as 'Name: value'") as string]);
    expect(err).not.toContain('s3cret');
  });

  it('sends a policy as text, so that its numbers arrive as written', async () => {
    answer = { data: { lintPolicy: { __typename: 'PolicyFindings', findings: [{ severity: 'error', code: 'x', pointer: '/a', message: 'm', fix: null }] } } };
    const { exitCode, out } = await run(['policy', 'lint', '-', '--json'], undefined, '{"max": 9007199254740993}');
    expect(seen[0]?.variables['document']).toBe('{"max": 9007199254740993}');
    expect({ exitCode, answer: JSON.parse(out) }).toEqual({ exitCode: 1, answer: { findings: [{ severity: 'error', code: 'x', pointer: '/a', message: 'm' }] } });
  });

  it('ends with 1 when a change is not in force in time, and says that it stands', async () => {
    answer = { data: { enforcement: { reached: false, outstanding: ['worker-2'] } } };
    const { exitCode, out } = await run(['revision', '9', '--wait', 'enforced', '--json']);
    expect({ exitCode, answer: JSON.parse(out) }).toEqual({ exitCode: 1, answer: { revision: 9, reached: false, outstanding: ['worker-2'] } });
  });

  it('finds the deployment of the working folder, and does not send its token elsewhere', async () => {
    writeFileSync(join(folder, 'cli.json'), JSON.stringify({ url, token: 'sp_usr_kept' }));
    answer = { data: { revision: 1 } };
    await run(['revision'], { SALLYPORT_DATA: folder });
    expect(seen[0]?.authorization).toBe('Bearer sp_usr_kept');
    expect((await run(['--url', 'http://127.0.0.1:1', 'revision'], { SALLYPORT_DATA: folder })).exitCode).toBe(6);
  });

  it('keeps a login for its owner alone', async () => {
    answer = { data: { whoami: { organisation: { slug: 'acme', name: 'Acme' }, member: { name: 'Ada' }, role: 'admin' } } };
    expect((await run(['login', url], { XDG_CONFIG_HOME: folder }, 'sp_usr_new\n')).exitCode).toBe(0);
    const file = join(folder, 'sallyport', 'cli.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url, token: 'sp_usr_new' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('shows text from outside without letting it move the terminal', async () => {
    answer = { data: { organisations: { nodes: [{ id: '1', slug: 'a', name: '\u001b[2Jevil\u202e', revision: 1, createdAt: '2026-11-21T00:00:00.000Z' }], pageInfo: { hasNextPage: true, endCursor: 'c1' } } } };
    const { out } = await run(['org', 'list']);
    expect(out).not.toMatch(/[\u001b\u202e]/);
    expect(out).toContain('--cursor c1');
  });

  it('asks for a reveal for a day, and says who goes on', async () => {
    answer = { data: { requestReveal: { __typename: 'RequestRevealPayload', reveal: REVEAL, revision: 9 } } };
    const { out, exitCode } = await run(['audit', 'reveal', 'request', 'd1', '--reason', 'case 17']);
    expect(exitCode).toBe(0);
    expect(seen[0]?.variables).toEqual({ input: { decision: 'd1', reason: 'case 17', confirmWithin: 'PT24H' } });
    expect(out).toContain('sallyport audit reveal confirm r1');
    expect((await run(['audit', 'reveal', 'request', 'd1'])).exitCode).toBe(2);
  });

  it('prints revealed values alone, as JSON that does not move the terminal', async () => {
    const text = JSON.stringify({ to: '\u009b2Jevil\u202e', amount: 12 });
    answer = { data: { readReveal: { __typename: 'ReadRevealPayload', reveal: { ...REVEAL, status: 'confirmed', readBy: '2026-11-21T12:15:00.000Z', reads: 3, readings: 1 }, level: 'full', arguments: text, revision: 9 } } };
    const { out, err } = await run(['audit', 'reveal', 'show', 'r1', '--values']);
    expect(out).not.toMatch(/[\u009b\u202e]/);
    expect(JSON.parse(out)).toEqual(JSON.parse(text));
    expect(err).toContain('Recorded as read; 2 more until 2026-11-21 12:15:00');
    const json = await run(['audit', 'reveal', 'show', 'r1', '--values', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ revealId: 'r1', level: 'full', arguments: JSON.parse(text), readings: 1 });
    expect(json.err).toBe('');
  });

  it('looks where a reveal stands without reading it', async () => {
    answer = { data: { reveal: REVEAL } };
    expect((await run(['audit', 'reveal', 'show', 'r1'])).out).toContain('requested');
    expect(seen.map(({ query }) => query).join()).not.toContain('readReveal');
    answer = { data: { reveal: null } };
    expect((await run(['audit', 'reveal', 'show', 'r2'])).exitCode).toBe(7);
  });

  it('hands the flags of start on', async () => {
    expect((await run(['start', '--listen', '0', '--no-demo', '--json'])).exitCode).toBe(0);
    expect(started.at(-1)).toMatchObject({ listen: '0', demo: false, json: true });
  });
});
