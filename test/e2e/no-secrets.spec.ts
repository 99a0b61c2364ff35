import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { RotateGrantTokenDocument } from '@sallyport/graphql-contract';
import { seedServer, type SeedServer } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { accepted } from './world/accepted.js';
import { ask } from './world/ask.js';
import { callOf, post, verdictOf } from './world/post.js';
import { World, type Access } from './world/world.js';

const canary = (kind: string): string => `canary-${kind}-${randomBytes(12).toString('hex')}`;

/** Values that a customer hands over and must never find again anywhere. */
const SECRETS = {
  argumentAllowed: canary('argument-allowed'),
  argumentDenied: canary('argument-denied'),
  argumentUnknownTool: canary('argument-unknown-tool'),
  malformed: canary('malformed'),
  upstreamHeader: canary('upstream-header'),
  clientHeader: canary('client-header'),
  cookie: canary('cookie'),
  wrongGrantToken: canary('wrong-grant-token'),
  wrongAdminToken: canary('wrong-admin-token'),
};

const QUESTIONS = `{
  decisions(first: 100) { nodes { decisionId at outcome reasonCode server serverId method tool identity identityId grantId ruleId policyId policyVersion revision argumentKeys argumentsBytes argumentsDigest responseStatus resultBytes upstreamMs durationMs clientName protocolVersion } }
  events(first: 100) { nodes { id revision object objectVersion type schemaVersion occurredAt actor { kind memberId tokenId name } data } }
  grants(first: 100) { nodes { id url status revocationReason labels { key value } tokens { id publicId validUntil current } } }
  servers(first: 100) { nodes { id slug url headers { name } serverInfo timeout tools { name hash definition } } }
  tokens(first: 100) { nodes { id publicId label status } }
  policies(first: 100) { nodes { id name version { document } } }
  identities(first: 100) { nodes { id name labels { key value } } }
}`;

let world: World;
let upstream: SeedServer;
let access: Access;
let rotated: string;
const said: string[] = [];

beforeAll(async () => {
  upstream = await seedServer('trackingtime', { transport: 'http' });
  world = await World.start({ env: { SALLYPORT_LOG: 'debug' } });
  const deny = { deny_if: [{ conditions: [{ path: 'args.task_name', op: 'eq', value: SECRETS.argumentDenied.slice(0, -1) }] }, { conditions: [{ path: 'args.forbidden', op: 'exists', value: true }] }] };
  access = await world.open({
    slug: 'trackingtime',
    url: upstream.url,
    headers: [{ name: 'X-Api-Key', value: SECRETS.upstreamHeader }],
    policy: { version: '1', default: 'deny', tools: { track_task: deny } },
  });
  rotated = String(accepted((await world.admin.run(RotateGrantTokenDocument, { input: { grant: access.grantId, overlap: 'PT1H', waitFor: 'ENFORCED' } })).rotateGrantToken).token);
  const headers = { 'x-anything': SECRETS.clientHeader, cookie: `session=${SECRETS.cookie}` };
  const messages: readonly (readonly [string, string])[] = [
    [callOf('track_task', { task_name: SECRETS.argumentAllowed }), 'allowed'],
    [callOf('track_task', { task_name: SECRETS.argumentDenied, forbidden: SECRETS.argumentDenied }), 'rule_denied'],
    [callOf('no_such_tool', { value: SECRETS.argumentUnknownTool }), 'default_deny'],
    [`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"${SECRETS.malformed}"}}`, '400'],
  ];
  for (const [message, verdict] of messages) {
    const posted = await post({ ...access, token: rotated }, message, headers);
    expect(verdictOf(posted)).toBe(verdict);
    if (verdict !== 'allowed') said.push(posted.text);
  }
  expect((await post({ ...access, token: SECRETS.wrongGrantToken }, callOf('track_task', {}))).status).toBe(401);
  expect((await ask({ url: world.url, token: SECRETS.wrongAdminToken }, '{ revision }')).status).toBe(401);
  expect((await post({ ...access, token: rotated }, '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}')).status).toBe(200);
  await world.decisions({ grant: access.grantId }, (found) => found.length === 4);
  said.push((await ask({ url: world.url, token: world.adminToken }, QUESTIONS)).text);
  said.push(await (await fetch(new URL('/metrics', world.url))).text());
  said.push((await world.cli(['decisions', 'list', '--json'])).stdout, (await world.cli(['server', 'show', 'trackingtime'])).stdout);
  await world.stop();
});
afterAll(async () => {
  await world.end();
  await upstream.close();
});

function* filesUnder(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* filesUnder(path);
    else yield path;
  }
}

const placesWith = (secret: string): readonly string[] => {
  const files = [...filesUnder(world.folder)].filter((path) => readFileSync(path).includes(secret));
  const texts = Object.entries({ stderr: world.process.stderr, stdout: JSON.stringify(world.lines), answers: said.join('\n') });
  return [...files.map((path) => path.slice(world.folder.length)), ...texts.filter(([, text]) => text.includes(secret)).map(([name]) => name)];
};

const journalHas = (text: string): boolean => [...filesUnder(join(world.folder, 'data', 'journal'))].some((path) => readFileSync(path).includes(text));

describe('what customers hand over is found nowhere afterwards: no answer, log line or file, PostgreSQL\'s own included [audit/no-values]', () => {
  it('finds what it looks for: the tool\'s name is in the database and in the answers', () => {
    const places = placesWith('track_task');
    expect(places).toContain('answers');
    expect(places.some((path) => path.startsWith('/data/postgres/'))).toBe(true);
    expect(world.process.stderr).not.toBe('');
  });

  it('looked while sign-ins, lists and administration were audited', () => {
    for (const kind of ['workerStarted', 'signedIn', 'listServed', 'signInsRefused', 'workerStopped']) expect(journalHas(`"kind":"${kind}"`), kind).toBe(true);
    for (const type of ['admin.server.registered', 'admin.grant.token_rotated', 'auth.success', 'auth.failure', 'list.served', 'worker.start']) expect(placesWith(type).some((path) => path.startsWith('/data/postgres/')), type).toBe(true);
  });

  it.each(Object.entries(SECRETS))('%s', (_kind, secret) => {
    expect(placesWith(secret)).toEqual([]);
  });

  it('the tokens of a grant, the first and the rotated one', () => {
    for (const token of [access.token, rotated]) {
      expect(placesWith(token)).toEqual([]);
      expect(placesWith(token.slice('sp_agt_'.length + 8, -7))).toEqual([]);
    }
  });

  it('the admin token, but for the file that is its owner\'s alone and the one line that shows it', () => {
    expect(placesWith(world.adminToken)).toEqual(['/data/cli.json', 'stdout']);
  });

  it('the client\'s own credential and cookies never reach the server behind; the server\'s own key does [gateway/no-token-passthrough]', () => {
    const calls = upstream.received.filter(({ method }) => method === 'tools/call');
    expect(calls).toHaveLength(1);
    expect(calls[0]?.headers).toMatchObject({ 'x-api-key': SECRETS.upstreamHeader });
    const seen = JSON.stringify(upstream.received.map(({ headers }) => headers));
    for (const secret of [rotated, access.token, SECRETS.cookie, SECRETS.clientHeader]) expect(seen).not.toContain(secret);
    expect(JSON.parse(calls[0]?.text ?? '')).toMatchObject({ params: { arguments: { task_name: SECRETS.argumentAllowed } } });
  });
});
