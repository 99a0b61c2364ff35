import { createServer } from 'node:http';

import { HmacKeyedHashes, AesSecretBox, RootKey } from '@sallyport/secrets-aes';
import { openAuditKeys } from '@sallyport/signatures-ed25519';
import { parseOperatorFile } from '@sallyport/operator-file';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { buildControlPlane } from '../../../build-control-plane.js';
import type { ControlPlane } from '../../../control-plane.js';
import { QuietBoard } from '../../../testing/quiet-board.js';
import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { anOrganisation, type TestOrganisation } from '../../../testing/an-organisation.js';
import { busyOrganisation } from '../../../testing/busy-organisation.js';
import { withDatabase } from '../../../testing/tables-of.js';
import { ToolShelf } from '../../../testing/tool-shelf.js';
import { FileHeadMemory } from '../sign/file-head-memory.js';

interface Told {
  readonly event_id: string;
  readonly type: string;
  readonly seq: string;
  readonly event: { readonly actor?: Record<string, unknown>; readonly admin?: Record<string, unknown>; readonly reason?: string; readonly counted?: { readonly count: number }; readonly source?: { readonly ip: string } };
}

const NO_ORGANISATION = '00000000-0000-0000-0000-000000000000';
const CANARY = 'canary-header-8c1f';

describe('what happens at the control plane', () => {
  const shelf = new ToolShelf();
  let world: TestControlPlane;
  let organisation: TestOrganisation;
  beforeAll(async () => {
    world = await aControlPlane({ inspect: shelf.inspect });
    organisation = await anOrganisation(world, CANARY);
    await busyOrganisation(world, organisation, shelf);
    await world.plane.auditTold();
  });
  afterAll(() => world.close());

  const rows = <Row>(sql: string, values: readonly unknown[] = []) =>
    withDatabase(world.database.url, async (client) => (await client.query(sql, [...values])).rows as readonly Row[]);
  const told = (organisationId: string, families = ['admin', 'definition']) =>
    rows<Told>('SELECT seq, event_id, type, line::jsonb AS event FROM audit_events WHERE organisation_id = $1 AND family = ANY($2) AND line::jsonb->\'admin\' ? \'revision\' ORDER BY seq', [organisationId, families]);
  const logged = (organisationId: string) =>
    rows<{ event_id: string; type: string }>('SELECT event_id, type FROM events WHERE organisation_id = $1 ORDER BY revision', [organisationId]);

  /** Another control plane over the same database. */
  const another = (logLines: string[]): Promise<ControlPlane> => {
    const root = RootKey.parse('ab'.repeat(32));
    const operatorFile = parseOperatorFile('');
    if (!operatorFile.ok) throw new Error('an empty operator file is refused');
    return buildControlPlane({
      databaseUrl: world.database.url, secretBox: new AesSecretBox(root), hashes: new HmacKeyedHashes(root),
      auditSigning: { keys: openAuditKeys(world.dataFolder), heads: new FileHeadMemory(world.dataFolder) },
      operatorFile: operatorFile.value, board: new QuietBoard(), clock: world.clock,
      log: pino({ level: 'info' }, { write: (line: string) => void logLines.push(line) }), server: createServer(), explorer: false,
      gatewayUrl: 'http://127.0.0.1:7400', inspect: shelf.inspect,
    });
  };

  it('is in the audit stream, each event of the log once and in its order', async () => {
    const events = await logged(organisation.id);
    expect(events.length).toBeGreaterThan(15);
    expect((await told(organisation.id)).map(({ event_id: id, event }) => [id, event.admin?.['action']])).toEqual(events.map(({ event_id: id, type }) => [id, type]));
  });

  it('says who did it, what it was done to, and what changed, without a secret [audit/administration]', async () => {
    const all = await told(organisation.id);
    const registered = all.find(({ type }) => type === 'admin.server.registered');
    expect(registered?.event).toMatchObject({
      actor: { kind: 'member', identity_id: organisation.memberId, credential_kind: 'admin_token', auth_method: 'bearer', roles: ['admin'] },
      admin: { object_type: 'server', revision: expect.any(Number), after_hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(registered?.event.admin?.['patch']).toContainEqual(expect.objectContaining({ op: 'add', path: '/upstream', value: expect.objectContaining({ headers: { authorization: '<secret>' } }) }));
    const revoked = all.find(({ type }) => type === 'admin.grant.revoked');
    expect(revoked?.event.admin).toMatchObject({ reason: `${organisation.slug} reason`, patch: [{ op: 'replace', path: '/status', value: 'revoked' }] });
    const rotated = all.find(({ type }) => type === 'admin.grant.token_rotated');
    expect(rotated?.event.admin?.['patch']).toContainEqual({ op: 'replace', path: '/token/secret', value: '<secret>' });
    const text = JSON.stringify(all);
    expect(text).not.toContain(`${organisation.slug} header`);
    const secrets = await rows<{ secret: string }>("SELECT jsonb_path_query(body, '$.**.secretHash') #>> '{}' AS secret FROM events UNION SELECT jsonb_path_query(body, '$.**.sealedValue') #>> '{}' FROM events");
    expect(secrets.length).toBeGreaterThan(4);
    expect(secrets.filter(({ secret }) => text.includes(secret))).toEqual([]);
  });

  it('chains the hashes of an object from change to change', async () => {
    const last = new Map<unknown, unknown>();
    for (const { event } of await told(organisation.id)) {
      expect(event.admin?.['before_hash']).toBe(last.get(event.admin?.['object_id']));
      last.set(event.admin?.['object_id'], event.admin?.['after_hash']);
    }
  });

  it('follows a commit by itself', async () => {
    const before = (await told(organisation.id)).length;
    await world.ask('mutation { updateOrganisation(input: { auditDurability: disk }) { __typename } }', { token: organisation.adminToken });
    await expect.poll(async () => (await told(organisation.id)).length, { timeout: 5_000, interval: 20 }).toBe(before + 1);
  });

  it('is taken by one of several control planes, each event once, and where a write fails neither lost nor doubled', async () => {
    const lines: string[] = [];
    const second = await another(lines);
    await rows('CREATE FUNCTION no_head() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION \'not now\'; END $$ LANGUAGE plpgsql');
    await rows('CREATE TRIGGER no_head BEFORE UPDATE ON audit_heads FOR EACH ROW EXECUTE FUNCTION no_head()');
    for (let n = 0; n < 6; n += 1) await world.ask(`mutation { addMember(input: { name: "Many ${n}", role: viewer }) { __typename } }`, { token: organisation.adminToken });
    await expect.poll(() => world.logLines.some((line) => line.includes('administration_disturbed')), { timeout: 10_000 }).toBe(true);
    await rows('DROP TRIGGER no_head ON audit_heads');
    for (let n = 0; n < 6; n += 1) await world.ask(`mutation { addMember(input: { name: "More ${n}", role: viewer }) { __typename } }`, { token: organisation.adminToken });
    await Promise.all([world.plane.auditTold(), second.auditTold()]);
    expect((await told(organisation.id)).map(({ event_id: id }) => id)).toEqual((await logged(organisation.id)).map(({ event_id: id }) => id));
    await second.close();
  });

  it('is caught up with in pieces by a control plane that finds a log and no audit stream', async () => {
    for (let n = 0; n < 210; n += 1) await world.ask(`mutation { createIdentity(input: { name: "identity-${n}", kind: agent }) { __typename } }`, { token: organisation.adminToken });
    await world.plane.auditTold();
    await rows('TRUNCATE audit_heads, audit_events, audit_tiles, audit_signed, audit_checkpoints');
    const lines: string[] = [];
    const second = await another(lines);
    await second.auditTold();
    expect((await told(organisation.id)).map(({ event_id: id }) => id)).toEqual((await logged(organisation.id)).map(({ event_id: id }) => id));
    expect(lines.filter((line) => line.includes('audit.catching_up')).length).toBeGreaterThanOrEqual(2);
    await second.close();
  }, 60_000);
});

describe('sign-ins at the control plane', () => {
  let world: TestControlPlane;
  let organisation: TestOrganisation;
  beforeAll(async () => {
    world = await aControlPlane();
    organisation = await anOrganisation(world, 'Sign-ins');
    await world.plane.auditTold();
  });
  afterAll(() => world.close());
  const told = (organisationId: string, type: string) =>
    withDatabase(world.database.url, async (client) => (await client.query<{ event: Told['event'] }>('SELECT line::jsonb AS event FROM audit_events WHERE organisation_id = $1 AND type = $2 ORDER BY seq', [organisationId, type])).rows.map(({ event }) => event));
  const ask = async (token: string) => (await world.ask('{ revision }', { token })).status;

  it('are told once for a token, a source and an hour', async () => {
    const token = await organisation.tokenOf('viewer');
    for (let n = 0; n < 5; n += 1) expect(await ask(token)).toBe(200);
    await world.plane.auditTold();
    const ofViewer = async () => (await told(organisation.id, 'auth.success')).filter(({ actor }) => String(actor?.['name']).startsWith('viewer'));
    expect(await ofViewer()).toMatchObject([{ actor: { kind: 'member', roles: ['viewer'] }, source: { ip: expect.stringMatching(/127\.0\.0\.1|::1/) } }]);
    world.clock.advance(3_600_000);
    expect(await ask(token)).toBe(200);
    await world.plane.auditTold();
    expect(await ofViewer()).toHaveLength(2);
  });

  it('that fail are counted: of tokens that nobody has in the deployment, of known ones in their organisation, and hold nothing of what was brought', async () => {
    for (let n = 0; n < 4; n += 1) expect(await ask(`${CANARY}${n}`)).toBe(401);
    const token = await organisation.tokenOf('viewer');
    const wrong = `${token.slice(0, 11)}${token.slice(11, 12) === 'a' ? 'b' : 'a'}${token.slice(12)}`;
    expect(await ask(wrong)).toBe(401);
    const made = await world.ask('mutation { createToken(input: { role: viewer }) { ... on CreateTokenPayload { token adminToken { id } } } }', { token: organisation.adminToken });
    const known = made.data?.['createToken'] as { token: string; adminToken: { id: string } };
    await world.ask('mutation ($id: ID!) { revokeToken(input: { id: $id }) { __typename } }', { token: organisation.adminToken, variables: { id: known.adminToken.id } });
    for (let n = 0; n < 3; n += 1) expect(await ask(known.token)).toBe(401);
    await world.plane.auditTold();
    expect(await told(NO_ORGANISATION, 'auth.failure')).toMatchObject([{ reason: 'malformed', counted: { count: expect.any(Number) }, actor: { kind: 'unknown' } }]);
    expect(await told(organisation.id, 'auth.failure')).toMatchObject([{ reason: 'revoked', counted: { count: 3 }, actor: { kind: 'member', credential_id: known.adminToken.id } }]);
    const everything = await withDatabase(world.database.url, async (client) => (await client.query<{ line: string }>('SELECT line FROM audit_events')).rows.map(({ line }) => line).join('\n'));
    for (const text of [everything, world.logLines.join('')]) {
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain(known.token.slice(7));
      expect(text).not.toContain(wrong.slice(7));
    }
  });
});
