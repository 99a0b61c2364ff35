import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { hostileUpstream, type HostileUpstream } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Child, SALLYPORT, type Run } from './world/child.js';
import { World } from './world/world.js';

/** A whole working life at the command line, each step building on the last one. Every answer is one JSON value. */
describe('a customer who uses nothing but the command line', () => {
  let world: World;
  let upstream: HostileUpstream;
  const kept: Record<string, string> = {};

  beforeAll(async () => {
    upstream = await hostileUpstream('honest');
    world = await World.start();
  });
  afterAll(async () => {
    await world.end();
    await upstream.close();
  });

  const json = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const { code, stdout, stderr } = await world.cli([...args, '--json']);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const failing = async (...args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly error: Record<string, unknown> }> => {
    const { code, stdout, stderr } = await world.cli([...args, '--json']);
    return { code, stdout, error: stderr === '' ? {} : (JSON.parse(stderr) as { error: Record<string, unknown> }).error };
  };
  const file = (name: string, content: object | string): string => {
    const path = join(world.folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const parsed = ({ stdout }: Run): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;

  it('sees that the deployment is up and who it is', async () => {
    expect(await json('status')).toMatchObject({ url: world.url, ready: true, missing: [], workers: [{ workerId: 'embedded', state: 'ready' }] });
    expect(await json('whoami')).toMatchObject({ role: 'admin', operator: true });
  });

  it('creates an organisation and acts in it, apart from its own', async () => {
    const made = await json('org', 'create', 'Acme Payments');
    expect(made).toMatchObject({ slug: 'acme-payments', revision: expect.any(Number) });
    const slugs = ((await json('org', 'list'))['items'] as { slug: string }[]).map(({ slug }) => slug);
    expect(slugs).toContain('acme-payments');
    const { stdout } = await world.cli(['--org', 'acme-payments', '--json', 'identity', 'create', 'only-acme', '--kind', 'service']);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'only-acme', kind: 'service' });
    expect(((await json('identity', 'list'))['items'] as unknown[])).toEqual([]);
  });

  it('adds a member, changes the role, makes a token that can do no more, and removes the member with the token', async () => {
    const ada = await json('member', 'add', 'Ada Lovelace', '--role', 'policy_manager');
    const id = String(ada['memberId']);
    expect(await json('member', 'role', id, '--role', 'viewer')).toMatchObject({ memberId: id, role: 'viewer' });
    const made = await json('token', 'create', '--role', 'viewer', '--member', id, '--expires', '30d', '--name', 'dashboard');
    const token = String(made['token']);
    expect(token).toMatch(/^sp_usr_[A-Za-z0-9]{40}_[A-Za-z0-9]{6}$/);
    expect(JSON.stringify(await json('token', 'list'))).not.toContain(token);
    const asViewer = (...args: readonly string[]) => world.cli([...args, '--json'], { env: { SALLYPORT_TOKEN: token, SALLYPORT_URL: world.url } });
    expect(parsed(await asViewer('server', 'list'))['items']).toEqual([]);
    const refused = await asViewer('identity', 'create', 'nobody', '--kind', 'agent');
    expect([refused.code, refused.stdout]).toEqual([6, '']);
    await json('member', 'remove', id);
    expect((await asViewer('server', 'list')).code).toBe(6);
  });

  it('signs in with a token from stdin, which is kept for its owner alone', async () => {
    const elsewhere = { SALLYPORT_DATA: join(world.folder, 'no-such-data'), XDG_CONFIG_HOME: join(world.folder, 'config') };
    expect((await world.cli(['whoami', '--json'], { env: elsewhere })).code).toBe(6);
    const login = await world.cli(['login', world.url, '--json'], { stdin: `${world.adminToken}\n`, env: elsewhere });
    expect(parsed(login)).toMatchObject({ url: world.url, role: 'admin' });
    expect(statSync(join(world.folder, 'config/sallyport/cli.json')).mode & 0o777).toBe(0o600);
    expect(parsed(await world.cli(['whoami', '--json'], { env: elsewhere }))).toMatchObject({ url: world.url });
  });

  it('registers a server with its key in a file, and sees its tools but never the key', async () => {
    const secret = file('key.txt', 'Bearer upstream-secret\n');
    const added = await json('server', 'add', 'payments', '--url', upstream.url, '--header', `Authorization: @${secret}`, '--timeout', '20s');
    expect(added).toMatchObject({ slug: 'payments', status: 'active', tools: 1, revision: expect.any(Number) });
    expect(upstream.received[0]?.headers).toMatchObject({ authorization: 'Bearer upstream-secret' });
    const shown = await json('server', 'show', 'payments');
    expect(shown).toMatchObject({ headers: ['Authorization'], timeout: 'PT20S', url: upstream.url });
    expect(JSON.stringify(shown)).not.toContain('upstream-secret');
    expect(await json('server', 'tools', 'payments')).toMatchObject({ items: [{ name: 'do_it', status: 'approved' }], rejected: [] });
    expect(await json('server', 'refresh', 'payments')).toMatchObject({ tools: 1 });
  });

  it('cannot register a server where it may not go, and is told so', async () => {
    const { code, error } = await failing('server', 'add', 'metadata', '--url', 'http://169.254.169.254/mcp');
    expect(code).toBe(1);
    expect(String(error['message'])).not.toBe('');
    expect((await failing('server', 'add', 'payments', '--url', upstream.url)).code).toBe(8);
    expect((await failing('server', 'show', 'nothing')).code).toBe(7);
  });

  it('creates an identity with labels and groups, and puts it into others', async () => {
    expect(await json('identity', 'create', 'ci-runner', '--kind', 'agent', '--label', 'team=payments', '--label', 'env=prod')).toMatchObject({ name: 'ci-runner', labels: { team: 'payments', env: 'prod' }, groups: [] });
    expect(await json('identity', 'regroup', 'ci-runner', '--group', 'ops', '--group', 'dev')).toMatchObject({ groups: ['dev', 'ops'] });
    expect(await json('identity', 'show', 'ci-runner')).toMatchObject({ groups: ['dev', 'ops'] });
    expect((await failing('identity', 'regroup', 'nobody', '--none')).code).toBe(7);
    expect((await failing('identity', 'create', 'ci-runner', '--kind', 'agent')).code).toBe(8);
  });

  it('lints a policy: errors end with 1, warnings do not, and each has its place', async () => {
    const bad = file('bad.json', { version: '1', default: 'deny', tools: { do_it: { denyif: [] } } });
    const errors = await failing('policy', 'lint', bad);
    expect(errors.code).toBe(1);
    expect(JSON.parse(errors.stdout)).toMatchObject({ findings: [{ severity: 'error', pointer: '/tools/do_it/denyif' }] });
    const odd = file('odd.json', { version: '1', default: 'deny', tools: { do_that: {} } });
    expect(await json('policy', 'lint', odd, '--server', 'payments')).toMatchObject({ findings: [{ severity: 'warning', pointer: '/tools/do_that' }] });
    const { code, error } = await failing('policy', 'publish', 'refunds', bad);
    expect([code, error['pointer']]).toEqual([1, '/tools/do_it/denyif']);
  });

  it('publishes versions, reads them back, and sees what changes between them', async () => {
    const one = file('one.json', { version: '1', default: 'deny', tools: { do_it: { deny_if: [{ conditions: [{ path: 'args.amount', op: 'gt', value: 100 }], on_deny: 'At most 100.' }], limits: [{ counter: 'calls', window: 'day', max: 3, scope: 'grant' }] } } });
    const two = file('two.json', { version: '1', default: 'deny', tools: { do_it: { deny_if: [{ conditions: [{ path: 'args.amount', op: 'gt', value: 10 }], on_deny: 'At most 10.' }], limits: [{ counter: 'calls', window: 'day', max: 3, scope: 'grant' }] } } });
    expect(await json('policy', 'publish', 'refunds', one, '--note', 'first', '--server', 'payments')).toMatchObject({ version: 1, policyId: expect.any(String), revision: expect.any(Number), findings: expect.any(Array) });
    expect(await json('policy', 'publish', 'refunds', two, '--wait', 'enforced')).toMatchObject({ version: 2, reached: true, outstanding: [] });
    const versions = (await json('policy', 'versions', 'refunds'))['items'] as { version: number; live: boolean; note: string }[];
    expect(versions.map(({ version, live }) => [version, live]).sort()).toEqual([[1, false], [2, true]]);
    expect(await json('policy', 'show', 'refunds@1')).toMatchObject({ version: 1, note: 'first', document: readFileSync(one, 'utf8') });
    const { entries } = await json('policy', 'diff', 'refunds@1', 'refunds@2');
    expect(entries).toMatchObject([{ kind: 'tightened', tool: 'do_it' }]);
  });

  it('tries a call without making it: the verdict is the exit code', async () => {
    const args = ['policy', 'try', 'refunds', '--server', 'payments', '--tool', 'do_it', '--json'];
    const denied = await world.cli([...args, '--args', '{"amount":50}']);
    expect([denied.code, parsed(denied)]).toEqual([3, expect.objectContaining({ verdict: 'deny', ruleId: '/tools/do_it/deny_if/args.amount-gt', message: 'At most 10.' })]);
    expect((await world.cli([...args, '--args', '{"amount":5}'])).code).toBe(0);
    expect(upstream.calls()).toHaveLength(0);
  });

  it('rolls back: a new version with the old document', async () => {
    expect(await json('policy', 'rollback', 'refunds', '--to', '1', '--wait', 'enforced')).toMatchObject({ version: 3, reached: true });
    expect(await json('policy', 'list')).toMatchObject({ items: [{ name: 'refunds', liveVersion: 3, latestVersion: 3 }] });
    expect((await failing('policy', 'rollback', 'refunds', '--to', '9')).code).toBe(7);
  });

  it('issues a grant and makes calls: 0 allowed, 3 denied, 4 over the limit, 7 for a tool nobody knows under default allow', async () => {
    const grant = await json('grant', 'issue', '--identity', 'ci-runner', '--server', 'payments', '--policy', 'refunds', '--expires', '30d', '--label', 'env=prod', '--wait', 'enforced');
    expect(grant).toMatchObject({ token: expect.stringMatching(/^sp_agt_/), url: `${world.url}/mcp/payments`, reached: true });
    kept['grant'] = String(grant['grantId']);
    kept['token'] = file('grant.txt', `${String(grant['token'])}\n`);
    const call = (tool: string, args: string) => world.cli(['call', 'payments', tool, '--args', args, '--grant-token', `@${kept['token']}`, '--json']);
    const allowed = await call('do_it', '{"amount":5}');
    expect([allowed.code, parsed(allowed)]).toEqual([0, { outcome: 'allowed', decisionId: expect.any(String), ruleId: '/tools/do_it', result: expect.objectContaining({ content: [{ type: 'text', text: 'done' }] }) }]);
    const denied = await call('do_it', '{"amount":500}');
    expect([denied.code, parsed(denied)]).toEqual([3, expect.objectContaining({ outcome: 'denied', ruleId: '/tools/do_it/deny_if/args.amount-gt' })]);
    await call('do_it', '{}');
    await call('do_it', '{}');
    const limited = await call('do_it', '{}');
    expect([limited.code, parsed(limited)]).toEqual([4, expect.objectContaining({ outcome: 'limited', ruleId: '/tools/do_it/limits/calls' })]);
    kept['limited'] = String(parsed(limited)['decisionId']);
    await json('policy', 'publish', 'open', file('open.json', { version: '1', default: 'allow', hide: ['do_it'] }));
    const open = await json('grant', 'issue', '--identity', 'ci-runner', '--server', 'payments', '--policy', 'open', '--wait', 'enforced');
    const hidden = await world.cli(['call', 'payments', 'do_it', '--grant-token', String(open['token']), '--json']);
    expect([hidden.code, parsed(hidden)]).toEqual([7, expect.objectContaining({ outcome: 'denied', decisionId: null, ruleId: null })]);
    expect((await world.cli(['call', 'payments', 'do_it', '--grant-token', 'sp_agt_wrong', '--json'])).code).toBe(6);
  });

  it('needs approval: 5', async () => {
    await json('policy', 'publish', 'asking', file('asking.json', { version: '1', default: 'deny', tools: { do_it: { action: 'require_approval' } } }));
    const grant = await json('grant', 'issue', '--identity', 'ci-runner', '--server', 'payments', '--policy', 'asking', '--wait', 'enforced');
    const asked = await world.cli(['call', 'payments', 'do_it', '--grant-token', String(grant['token']), '--json']);
    expect([asked.code, parsed(asked)['outcome']]).toEqual([5, 'approval_required']);
  });

  it('finds its decisions, page by page, and one by its id', async () => {
    await world.decisions({ grant: String(kept['grant']) }, (found) => found.length === 5);
    const first = await json('decisions', 'list', '--identity', 'ci-runner', '--server', 'payments', '--since', '1h', '--limit', '3');
    expect(first['items']).toHaveLength(3);
    const rest = await json('decisions', 'list', '--identity', 'ci-runner', '--server', 'payments', '--since', '1h', '--limit', '100', '--cursor', String(first['nextCursor']));
    expect([rest['nextCursor'], (rest['items'] as unknown[]).length]).toEqual([null, 4]);
    const keys = ['decisionId', 'at', 'outcome', 'reasonCode', 'server', 'tool', 'identity', 'grantId', 'ruleId', 'policyVersion', 'revision', 'argumentKeys', 'durationMs'];
    expect(Object.keys((first['items'] as object[])[0] ?? {})).toEqual(expect.arrayContaining(keys));
    expect(await json('decisions', 'show', String(kept['limited']))).toMatchObject({ outcome: 'limited', reasonCode: 'limit_exceeded', tool: 'do_it' });
    expect((await json('decisions', 'list', '--outcome', 'limited'))['items']).toHaveLength(1);
  });

  it('follows decisions as they happen, one JSON value a line, until it is interrupted', async () => {
    const tail = Child.start(process.execPath, [SALLYPORT, 'decisions', 'tail', '--outcome', 'limited', '--json'], { cwd: world.folder, env: { SALLYPORT_DATA: world.dataFolder } });
    let isOver = false;
    const line = tail.untilText(/"outcome":"limited"/).finally(() => (isOver = true));
    while (!isOver) await world.cli(['call', 'payments', 'do_it', '--grant-token', `@${kept['token']}`, '--json']);
    expect(JSON.parse(String((await line).input))).toMatchObject({ outcome: 'limited', server: 'payments', tool: 'do_it', identity: 'ci-runner' });
    expect(await tail.end('SIGINT')).toEqual({ code: 0, signal: null });
  });

  it('rotates, lists as of the past, revokes, and the token is dead', async () => {
    const before = (await json('revision'))['revision'];
    const rotated = await json('grant', 'rotate', String(kept['grant']), '--overlap', '1h', '--wait', 'enforced');
    expect(rotated).toMatchObject({ token: expect.stringMatching(/^sp_agt_/), reached: true });
    expect(await json('grant', 'revoke', String(kept['grant']), '--reason', 'left the team', '--wait', 'enforced')).toMatchObject({ status: 'revoked', reached: true });
    const statusAt = async (...flags: readonly string[]) => ((await json('grant', 'list', ...flags))['items'] as { grantId: string; status: string }[]).find(({ grantId }) => grantId === kept['grant'])?.status;
    expect(await statusAt('--as-of', String(before))).toBe('active');
    expect(await statusAt()).toBe('revoked');
    expect(await json('grant', 'show', String(kept['grant']))).toMatchObject({ revocationReason: 'left the team', labels: { env: 'prod' } });
    expect((await world.cli(['call', 'payments', 'do_it', '--grant-token', String(rotated['token']), '--json'])).code).toBe(6);
  });

  it('switches off a server and an identity', async () => {
    expect(await json('server', 'disable', 'payments', '--wait', 'enforced')).toMatchObject({ status: 'disabled', reached: true });
    expect(await json('server', 'enable', 'payments')).toMatchObject({ status: 'active' });
    expect(await json('identity', 'disable', 'ci-runner', '--wait', 'enforced')).toMatchObject({ status: 'disabled', reached: true });
  });

  it('reads every change, and waits until one is in force on every worker', async () => {
    const { items } = await json('events', 'list', '--object', `grant/${kept['grant']}`);
    expect((items as { type: string }[]).map(({ type }) => type)).toEqual(['grant.issued', 'grant.token_rotated', 'grant.revoked']);
    const { revision } = await json('revision');
    expect(await json('revision', '--wait', 'enforced', String(revision))).toMatchObject({ revision, reached: true });
    expect(await json('worker', 'list')).toMatchObject([{ workerId: 'embedded', appliedRevision: revision, state: 'ready' }]);
  });

  it('says what is wrong with a command line, and ends with 2; 9 when nothing answers', async () => {
    for (const args of [['nonsense'], ['grant', 'issue'], ['decisions', 'list', '--limit', '101'], ['server', 'add', 'x', '--url', upstream.url, '--timeout', 'soon']]) {
      const { code, stdout, error } = await failing(...args);
      expect([args, code, stdout, typeof error['message']]).toEqual([args, 2, '', 'string']);
    }
    expect((await failing('whoami', '--url', 'http://127.0.0.1:1', '--token', 'x')).code).toBe(9);
  });

  it('gets tables without colour in a pipe, help with an example, and completion for its shell', async () => {
    const table = await world.cli(['server', 'list']);
    expect(table.stdout).toMatch(/^SLUG\s+STATUS/);
    expect(table.stdout).not.toMatch(/\u001b/);
    expect((await world.cli(['grant', 'issue', '--help'])).stdout).toMatch(/Example:\n {2}sallyport grant issue/);
    for (const shell of ['bash', 'zsh', 'fish']) expect((await world.cli(['completion', shell])).stdout).toContain('sallyport');
  });

  it('ends in silence when whoever read its output has gone', () => {
    const { stderr } = spawnSync('sh', ['-c', '{ "$0" "$1" policy publish --help; echo "code $?" >&2; } | true', process.execPath, SALLYPORT], { encoding: 'utf8' });
    expect(stderr).toBe('code 0\n');
  });
});
