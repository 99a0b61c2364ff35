import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { newWebhookKey } from '@sallyport/sinks-http';
import { hostileUpstream, type HostileUpstream } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { ask } from './world/ask.js';
import { call, callOf, post, verdictOf } from './world/post.js';
import { removeFolder, temporaryFolder } from './world/temporary-folder.js';
import { WebhookReceiver } from './world/webhook-receiver.js';
import { World, operatorFile, type Access } from './world/world.js';

/** One secret for everything, with where it was handed over behind it. */
const CANARY = `canary-${randomBytes(12).toString('hex')}`;
const secret = (where: string): string => `${CANARY}-${where}`;

const POLICY = {
  version: '1',
  default: 'deny',
  tools: { do_it: { deny_if: [{ conditions: [{ path: 'args.bad', op: 'exists', value: true }] }] }, kept: { record: 'full' }, begun: { record: 'excerpt' } },
};
const FORMATS = ['ndjson', 'ocsf', 'ecs', 'cef', 'leef'];
const SOON = { timeout: 30_000, interval: 100 };

let world: World;
let upstream: HostileUpstream;
let receiver: WebhookReceiver;
let barring: WebhookReceiver;
let access: Access;
let disk: string;
let calls = 0;
const signingKey = newWebhookKey();
const said: string[] = [];

/** Runs the command line and keeps what it said; secrets are in files that are gone afterwards. */
async function cli(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await world.cli(args);
  said.push(stdout, stderr);
  return stdout;
}

async function addSink(name: string, to: WebhookReceiver): Promise<void> {
  const given = { secret: to.secret, signing_key: signingKey, authorization: `Bearer ${secret('sink-credential')}` };
  const flags = Object.entries(given).flatMap(([credential, value]) => {
    writeFileSync(join(world.folder, `${credential}.txt`), value);
    return ['--credential', `${credential}=@${credential}.txt`];
  });
  await cli('sink', 'add', 'webhook', name, '--set', `url=${to.url}`, ...flags, '--after-seq', '0');
  for (const credential of Object.keys(given)) rmSync(join(world.folder, `${credential}.txt`));
  await cli('sink', 'confirm', name);
}

beforeAll(async () => {
  disk = temporaryFolder();
  [upstream, receiver, barring] = await Promise.all([hostileUpstream('honest'), WebhookReceiver.start(), WebhookReceiver.start()]);
  world = await World.start({ env: { SALLYPORT_LOG: 'debug' }, operatorFile: operatorFile(`sinks:\n  - { kind: file, directory: ${disk} }\n`) });
  access = await world.open({ slug: 'tracker', url: upstream.url, headers: [{ name: 'X-Api-Key', value: secret('server-header') }], policy: POLICY });
  await addSink('siem', receiver);
  await addSink('barring', barring);
  barring.isBarred = true;
  receiver.refuse(({ mcp }) => mcp?.tool === 'poison');
  await cli('sink', 'add', 'file', 'disk', '--set', `directory=${disk}`, '--after-seq', '0');
  await everythingWithSecrets();
  await world.decisions({ grant: access.grantId }, (found) => found.length >= calls);
  await vi.waitFor(async () => expect(JSON.parse(await cli('sink', 'dead-letters', 'siem', '--json'))).toMatchObject({ items: [{ state: 'waiting' }] }), SOON);
  await vi.waitFor(async () => expect(JSON.parse(await cli('sink', 'show', 'barring', '--json'))).toMatchObject({ status: 'paused', pause: { cause: 'auth' } }), SOON);
  await readEverything();
  await world.stop();
});
afterAll(async () => {
  await world?.end();
  await Promise.all([upstream, receiver, barring].map((each) => each?.close()));
  removeFolder(disk);
});

async function everythingWithSecrets(): Promise<void> {
  const value = { note: secret('argument'), deep: [{ [secret('key')]: secret('deep-argument') }] };
  const headers = { cookie: secret('cookie'), 'x-anything': secret('client-header') };
  for (const [tool, args] of [['do_it', value], ['do_it', { bad: secret('denied-argument') }], ['kept', value], ['begun', value], ['poison', value]] as const) {
    await post(access, callOf(tool, args), headers);
    calls += 1;
  }
  await post(access, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"${secret('malformed')}"}}`);
  for (const token of [secret('wrong-token'), `sp_agt_${secret('wrong-token')}`]) {
    expect((await post({ ...access, token }, callOf('do_it'))).status).toBe(401);
    expect((await ask({ url: world.url, token }, '{ revision }')).status).toBe(401);
    await cli('audit', 'list', '--token', token);
  }
  said.push((await ask({ url: world.url, token: world.adminToken }, `{ auditEvent(id: "${secret('id')}") { id } }`)).status.toString());
  expect(verdictOf(await call(access, 'do_it'))).toBe('allowed');
  calls += 1;
}

async function readEverything(): Promise<void> {
  for (const format of FORMATS) await cli('export', '--format', format);
  await cli('export', '--deployment');
  for (const args of [['audit', 'list', '--limit', '100'], ['sink', 'list'], ['sink', 'show', 'siem'], ['sink', 'health', 'barring'], ['decisions', 'list'], ['events', 'list']]) await cli(...args, '--json');
  said.push(await (await fetch(new URL('/metrics', world.url))).text());
}

function* filesUnder(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) if (entry.isFile()) yield join(entry.parentPath, entry.name);
}

/** Where a text is found: files of the deployment and of its sinks, its log, what it answered, what its receivers got. */
function placesWith(text: string): readonly string[] {
  const files = [...filesUnder(world.folder), ...filesUnder(disk)].filter((path) => readFileSync(path).includes(text));
  const texts = { stderr: world.process.stderr, stdout: JSON.stringify(world.lines), answers: said.join('\n'), receiver: receiver.bytes, barring: barring.bytes };
  return [...files, ...Object.entries(texts).flatMap(([name, found]) => (found.includes(text) ? [name] : []))];
}

describe('a secret that was handed over everywhere while events were exported', () => {
  it('is looked for where the events are: the database, the journal, the receivers, files on disk, exports in every form', () => {
    const places = placesWith(access.identity);
    expect(places).toEqual(expect.arrayContaining(['answers', 'receiver']));
    for (const part of ['/data/postgres/', disk]) expect(places.some((path) => path.includes(part)), part).toBe(true);
    expect(placesWith('signInsRefused').some((path) => path.includes('/data/journal/'))).toBe(true);
    for (const mark of ['CEF:0|', 'LEEF:2.0|', '"class_uid"', '"@timestamp"', '"sallyport_export"']) expect(said.some((text) => text.includes(mark)), mark).toBe(true);
  });

  it('is in none of them, not even what a policy keeps whole, which is sealed [audit/no-values]', () => {
    expect(placesWith(CANARY)).toEqual([]);
  });

  it('nor are the keys that requests to sinks are signed with', () => {
    for (const key of [signingKey, receiver.secret, barring.secret]) for (const form of [key, key.slice(key.indexOf('_') + 1)]) expect(placesWith(form)).toEqual([]);
  });
});
