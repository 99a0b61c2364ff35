import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ReadAuditStreamsDocument, RevokeGrantDocument } from '@sallyport/graphql-contract';
import { hostileUpstream, type HostileUpstream } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { ONCE_MARKED, callEvents } from './world/call-events.js';
import { call, post, callOf, shownIn, verdictOf } from './world/post.js';
import { removeFolder, temporaryFolder } from './world/temporary-folder.js';
import { WebhookReceiver } from './world/webhook-receiver.js';
import { World, operatorFile, type Access } from './world/world.js';

interface Item {
  readonly eventId: string;
  readonly seq: number;
  readonly type: string;
  readonly outcome: string | null;
}

interface Health {
  readonly status: string;
  readonly guarantee: string;
  readonly health: { readonly cursor: number; readonly lagEvents: number; readonly deadLetters: number };
}

const SOON = { timeout: 30_000, interval: 100 };
const ORDER = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1);

let world: World;
let upstream: HostileUpstream;
let receiver: WebhookReceiver;
let access: Access;
let folder: string;

beforeAll(async () => {
  folder = temporaryFolder();
  [upstream, receiver] = await Promise.all([hostileUpstream('honest'), WebhookReceiver.start()]);
  world = await World.start({ operatorFile: operatorFile(`sinks:\n  - { kind: file, directory: ${folder} }\n`) });
  access = await world.open({ slug: 'tracker', url: upstream.url, policy: { version: '1', default: 'deny', tools: { do_it: {} } } });
});
afterAll(async () => {
  await world?.end();
  await Promise.all([upstream?.close(), receiver?.close()]);
  removeFolder(folder);
});

/** The grant at the address of the present start. */
const here = (): Access => ({ ...access, url: new URL(new URL(access.url).pathname, world.url).href });

/** Runs the command line, expects it to end so, and answers its stdout. */
async function cli(args: readonly string[], code = 0): Promise<string> {
  const ran = await world.cli(args);
  expect({ args, code: ran.code, stderr: code === 0 ? ran.stderr : '' }).toEqual({ args, code, stderr: '' });
  return ran.stdout;
}

const json = async <Answer>(...args: readonly string[]): Promise<Answer> => JSON.parse(await cli([...args, '--json'])) as Answer;
const found = async (...filter: readonly string[]): Promise<readonly Item[]> => (await json<{ items: readonly Item[] }>('audit', 'list', ...filter)).items;
const size = async (): Promise<number> => (await world.admin.run(ReadAuditStreamsDocument, { scope: 'organisation' })).auditStreams[0]?.size ?? 0;
const healthOf = (sink: string): Promise<Health> => json<Health>('sink', 'health', sink);
const file = (name: string, text: string): string => {
  writeFileSync(join(world.folder, name), text);
  return name;
};

/** Waits until the receiver has everything that is in the stream by now. */
async function delivered(): Promise<void> {
  const upTo = await size();
  await vi.waitFor(() => expect(Math.max(0, ...receiver.firstSeqs)).toBeGreaterThanOrEqual(upTo), SOON);
}

describe('what happens', () => {
  let denied = '';

  it('is found by who, what and how it ended: calls, administration, and tokens that are none, after a stop and a start too', async () => {
    expect(verdictOf(await call(here(), 'do_it'))).toBe('allowed');
    const refused = await call(here(), 'other');
    denied = shownIn(refused)?.decisionId ?? '';
    const gone = await world.grant('tracker', access.policy);
    await world.admin.run(RevokeGrantDocument, { input: { grant: gone.grantId, reason: 'a leak', waitFor: 'ENFORCED' } });
    for (const token of [gone.token, 'sp_agt_wrong']) expect((await post({ ...here(), token }, callOf('do_it'))).status).toBe(401);
    await world.stop();
    await world.restart();
    await vi.waitFor(async () => expect(await found('--type', 'call.completed', '--outcome', 'allowed', '--tool', 'do_it', '--identity', access.identity)).toHaveLength(1), SOON);
    expect(await found('--type', 'call', '--outcome', 'denied', '--reason', 'default_deny', '--server', 'tracker')).toMatchObject([{ eventId: denied, type: 'call.decided' }]);
    expect(await found('--type', 'admin.grant.revoked', '--since', '1h')).toHaveLength(1);
    expect((await found('--type', 'admin')).map(({ type }) => type)).toEqual(expect.arrayContaining(['admin.server.registered', 'admin.policy.version_published', 'admin.grant.issued']));
    await vi.waitFor(async () => expect(await found('--type', 'auth.failure')).toHaveLength(1), SOON);
    await vi.waitFor(async () => expect(await found('--type', 'auth.failure', '--deployment')).toHaveLength(1), SOON);
    expect(await found('--type', 'call', '--outcome', 'limited')).toEqual([]);
  });

  it('says of each call what the gateway ran, how old its policies were, what the server calls the tool, and which marks were borne before and after', async () => {
    const marked = await world.open({ slug: 'marked', url: upstream.url, policy: ONCE_MARKED });
    expect([verdictOf(await call(marked, 'do_it')), verdictOf(await call(marked, 'do_it')), verdictOf(await call(marked, 'other'))]).toEqual(['allowed', 'flow_denied', 'default_deny']);
    const events = await callEvents(world, marked.grantId, ({ length }) => length >= 4);
    for (const { gateway, decision } of events) {
      expect(gateway.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(decision.policy_age_ms).toBeGreaterThanOrEqual(0);
      expect(decision.policy_age_ms).toBeLessThanOrEqual(5_000);
    }
    const told = events.map(({ type, mcp, decision }) => [type, mcp.tool, mcp.tool_upstream, decision.flow_before, decision.flow_after]);
    expect(told.filter(([type]) => type === 'call.decided')).toEqual([
      ['call.decided', 'do_it', 'do_it', undefined, undefined],
      ['call.decided', 'do_it', 'do_it', ['seen'], ['seen']],
      ['call.decided', 'other', undefined, undefined, undefined],
    ]);
    expect(told.filter(([type]) => type === 'call.completed')).toEqual([['call.completed', 'do_it', 'do_it', undefined, ['seen']]]);
  });

  it('is exported as a file that verifies with nothing but the key; a changed byte is named, a cut is missed', async () => {
    const text = await cli(['export']);
    const keys = file('audit.keys', await cli(['audit', 'key']));
    expect(await cli(['verify', 'chain', file('audit.ndjson', text), '--key', keys])).toContain('Intact');
    const lines = text.trimEnd().split('\n');
    const at = lines.findIndex((line) => line.includes('"tracker"'));
    const changed = file('changed.ndjson', `${lines.map((line, index) => (index === at ? line.replace('"tracker"', '"trucker"') : line)).join('\n')}\n`);
    expect(await cli(['verify', 'chain', changed, '--key', keys], 2)).toContain(`first at event ${at + 1}`);
    expect(await cli(['verify', 'chain', file('cut.ndjson', `${lines.slice(0, -3).join('\n')}\n`), '--key', keys], 3)).toContain('missing');
    expect(await cli(['verify', 'chain', file('less.ndjson', `${lines.toSpliced(at, 1).join('\n')}\n`), '--key', keys], 3)).toContain(`first at event ${at + 1}`);
  });

  it('is provable event by event, and later heads continue earlier ones', async () => {
    const proof = await vi.waitFor(() => cli(['audit', 'proof', denied]), SOON);
    const event = file('event.json', await cli(['audit', 'show', denied, '--json']));
    expect(await cli(['verify', 'inclusion', event, file('proof.json', proof), '--key', 'audit.keys'])).toContain('Intact');
    file('wrong.json', readFileSync(join(world.folder, event), 'utf8').replace('default_deny', 'rule_denied'));
    await cli(['verify', 'inclusion', 'wrong.json', 'proof.json', '--key', 'audit.keys'], 2);
    const older = await json<{ size: number }>('audit', 'checkpoint');
    file('older.txt', await cli(['audit', 'checkpoint', '--covering', String(older.size)]));
    await call(here(), 'do_it');
    const newer = await vi.waitFor(() => json<{ size: number }>('audit', 'checkpoint', '--covering', String(older.size + 1)), SOON);
    file('newer.txt', await cli(['audit', 'checkpoint', '--covering', String(newer.size)]));
    file('consistency.txt', await cli(['audit', 'consistency', String(older.size), String(newer.size)]));
    expect(await cli(['verify', 'consistency', 'older.txt', 'newer.txt', '--proof', 'consistency.txt', '--key', 'audit.keys'])).toContain('Intact');
  });
});

describe('a sink', () => {
  it('gets everything there is, in order and signed, once its receiver has said a challenge back', async () => {
    writeFileSync(join(world.folder, 'secret.txt'), receiver.secret, { mode: 0o600 });
    expect(await json('sink', 'add', 'webhook', 'siem', '--set', `url=${receiver.url}`, '--credential', 'secret=@secret.txt', '--after-seq', '0')).toMatchObject({ status: 'unconfirmed', credentials: ['secret'] });
    await call(here(), 'do_it');
    expect(receiver.bytes).toBe('');
    expect(await json('sink', 'confirm', 'siem')).toMatchObject({ status: 'active', confirmedBy: 'echo' });
    await delivered();
    expect(receiver.firstSeqs).toEqual(ORDER(receiver.firstSeqs.length));
    expect(receiver.events).toHaveLength(receiver.firstSeqs.length);
    expect(receiver.forged).toBe(0);
    expect(await healthOf('siem')).toMatchObject({ status: 'active', guarantee: 'at-least-once', health: { deadLetters: 0 } });
  });

  it('stops where it is paused and goes on from there', async () => {
    expect(await json('sink', 'pause', 'siem', '--reason', 'moving it')).toMatchObject({ status: 'paused', pause: { cause: 'asked' } });
    await vi.waitFor(async () => expect(await found('--type', 'export.paused')).toHaveLength(1), SOON);
    const before = receiver.events.length;
    await call(here(), 'do_it');
    await world.decisions({ grant: access.grantId }, (all) => all.length >= 5);
    expect(receiver.events).toHaveLength(before);
    await json('sink', 'resume', 'siem');
    await delivered();
    expect(receiver.events.map(({ seq }) => seq)).toEqual(ORDER(receiver.events.length));
  });

  it('gets a stretch once more when asked to, marked as such', async () => {
    await json('sink', 'replay', 'siem', '--from', '2', '--to', '4', '--reason', 'the index was lost');
    await vi.waitFor(() => expect(receiver.taken.filter(({ isReplay }) => isReplay).flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual([2, 3, 4]), SOON);
  });

  it('lays aside what its receiver refuses, tells of it, and sends it again when the receiver was mended', async () => {
    receiver.refuse(({ mcp }) => mcp?.tool === 'poison');
    await call(here(), 'poison');
    const [letter] = await vi.waitFor(async () => {
      const { items } = await json<{ items: readonly { seq: number; type: string; state: string; reason: string }[] }>('sink', 'dead-letters', 'siem');
      expect(items).toMatchObject([{ type: 'call.decided', state: 'waiting', reason: expect.stringContaining('400') }]);
      return items;
    }, SOON);
    await call(here(), 'do_it');
    await delivered();
    expect(receiver.firstSeqs).toEqual(ORDER(receiver.firstSeqs.length + 1).filter((seq) => seq !== letter?.seq));
    expect(await found('--type', 'export.dead_letter')).toHaveLength(1);
    receiver.refuse(() => false);
    expect(await json('sink', 'dead-letters', 'siem', '--resend', String(letter?.seq))).toMatchObject({ count: 1 });
    await vi.waitFor(() => expect(receiver.taken.filter(({ isReplay }) => isReplay).at(-1)?.events).toMatchObject([{ seq: letter?.seq }]), SOON);
    await vi.waitFor(async () => expect(await healthOf('siem')).toMatchObject({ status: 'active', health: { deadLetters: 0 } }), SOON);
  });
});

describe('a deployment that is killed in mid-flow', () => {
  it('has every call that was answered in its stream once, and its sinks go on where they were [audit/nothing-lost]', async () => {
    expect(await json('sink', 'add', 'file', 'disk', '--set', `directory=${folder}`, '--after-seq', '0')).toMatchObject({ status: 'active', confirmedBy: 'operator_file' });
    await delivered();
    const { cursor } = (await healthOf('siem')).health;
    const beforeKill = receiver.events.length;
    const answered = await callsUntilKilled();
    await world.restart();
    const last = answered.slice(-50);
    await world.decisions({ grant: access.grantId, outcome: ['denied'] }, (stored) => last.every((id) => stored.some(({ decisionId }) => decisionId === id)));
    await delivered();
    const text = await cli(['export']);
    await cli(['verify', 'chain', file('audit.ndjson', text), '--key', 'audit.keys', '--against', 'newer.txt']);
    const events = text.trimEnd().split('\n').slice(0, -1).map((line) => JSON.parse(line) as { seq: number; event_id: string; type: string });
    expect(events.map(({ seq }) => seq)).toEqual(ORDER(events.length));
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
    const inStream = new Set(events.filter(({ type }) => type === 'call.decided').map(({ event_id }) => event_id));
    expect(answered.filter((id) => !inStream.has(id))).toEqual([]);
    const since = receiver.events.slice(beforeKill).map(({ seq }) => seq);
    expect(Math.min(...since)).toBeGreaterThan(cursor);
    const ids = new Set(receiver.taken.flatMap((batch) => batch.events.map(({ event_id }) => event_id)));
    expect(events.filter(({ event_id, seq }) => seq <= Math.max(...since) && !ids.has(event_id))).toEqual([]);
    const order = receiver.firstSeqs;
    expect(order).toEqual([...order].sort((one, other) => one - other));
  });

  it('has whole lines on disk, which hold against the signed head though some came twice', async () => {
    const { size: signed } = await json<{ size: number }>('audit', 'checkpoint');
    file('head.txt', await cli(['audit', 'checkpoint', '--covering', String(signed)]));
    const dump = await vi.waitFor(() => {
      const lines = filesIn(folder).flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'));
      expect(new Set(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).size).toBeGreaterThanOrEqual(signed);
      return lines;
    }, SOON);
    const ran = await world.cli(['verify', 'export', file('dump.ndjson', `${dump.join('\n')}\n`), '--against', 'head.txt', '--key', 'audit.keys', '--json']);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
  });
});

/** Has four callers go on until the deployment dies under them; the ids of the decisions that were answered. */
async function callsUntilKilled(): Promise<readonly string[]> {
  const answered: string[] = [];
  const target = here();
  const callers = Array.from({ length: 4 }, async () => {
    for (;;) {
      const id = await call(target, 'other').then((posted) => shownIn(posted)?.decisionId, () => undefined);
      if (id === undefined) return;
      answered.push(id);
    }
  });
  await vi.waitFor(() => expect(answered.length).toBeGreaterThanOrEqual(200), { ...SOON, interval: 1 });
  await world.kill9();
  await Promise.all(callers);
  return answered;
}

function filesIn(where: string): readonly string[] {
  return readdirSync(where, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
}
