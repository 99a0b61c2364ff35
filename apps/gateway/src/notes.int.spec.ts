import type { Note } from '@sallyport/audit';
import { MemoryJournal } from '@sallyport/audit/testing';
import { describe, expect, it } from 'vitest';

import { guardedUpstream } from './testing/guarded-upstream.js';
import { callFrame, postFrame } from './testing/post-frame.js';

const CANARY = 'canary-7f3a9';
const WAIT = { timeout: 10_000, interval: 20 };

describe('a worker notes', () => {
  const world = guardedUpstream();
  const start = world.start.bind(world);
  const notesOf = <Kind extends Note['kind']>(kind: Kind) => world.gateway.notes.filter(({ note }) => note.kind === kind);
  const call = (tool = 'echo', args: object = {}, token = world.grant.token) => postFrame({ url: world.grant.url, token }, callFrame(tool, args));
  const list = () => postFrame(world.grant, JSON.stringify({ jsonrpc: '2.0', id: 'q', method: 'tools/list', params: {} }), { 'x-request-id': 'r-1' });

  it('its start with its version, and its stop, of no organisation', async () => {
    await start();
    expect(notesOf('workerStarted')).toMatchObject([{ organisationId: null, workerId: 'worker-1', note: { version: '0.1.0' } }]);
    await world.gateway.stop();
    expect(world.gateway.notes.at(-1)).toMatchObject({ organisationId: null, note: { kind: 'workerStopped' } });
  });

  it('a sign-in once for a token, a source and an hour, however many calls there are', async () => {
    await start();
    await call();
    await call();
    expect(notesOf('signedIn')).toMatchObject([{ organisationId: world.grant.organisation.id, note: { caller: { grantId: world.grant.grantId, identityName: 'ci-runner', serverSlug: 'tools', sourceIp: '127.0.0.1' } } }]);
    await world.grant.organisation.publish({ version: '1', default: 'allow' }, world.grant.policyId);
    await call();
    expect(notesOf('signedIn')).toHaveLength(1);
    world.gateway.clock.advance(3_600_000);
    world.gateway.feed.beat();
    await call();
    expect(notesOf('signedIn')).toHaveLength(2);
  });

  it('refused sign-ins counted: of unknown tokens in the deployment, of a known one in its organisation', async () => {
    await start({ expiresInMs: 60_000 });
    for (let n = 0; n < 3; n += 1) await call('echo', {}, `${CANARY}-${n}`);
    world.gateway.clock.advance(60_000);
    for (let n = 0; n < 2; n += 1) await call();
    await world.gateway.stop();
    const refused = notesOf('signInsRefused');
    expect(refused).toMatchObject([
      { organisationId: null, note: { reason: 'malformed', count: 3, sourceIp: '127.0.0.1', tokenId: null } },
      { organisationId: world.grant.organisation.id, note: { reason: 'expired', count: 2, identityId: world.grant.identityId } },
    ]);
    expect(JSON.stringify(world.gateway.notes)).not.toContain(CANARY);
    expect(world.gateway.logged.join('')).not.toContain(CANARY);
  });

  it('who still uses a token that was revoked, though it is let in no more', async () => {
    await start();
    expect((await call()).status).toBe(200);
    await world.grant.organisation.revoke(world.grant.grantId);
    for (let n = 0; n < 2; n += 1) expect((await call()).status).toBe(401);
    const forged = `${world.grant.token.slice(0, 20)}${world.grant.token.slice(20, 21) === 'a' ? 'b' : 'a'}${world.grant.token.slice(21)}`;
    expect((await call('echo', {}, forged)).status).toBe(401);
    await world.gateway.stop();
    expect(notesOf('signInsRefused')).toMatchObject([
      { organisationId: world.grant.organisation.id, note: { reason: 'ended', count: 2, tokenId: expect.any(String) } },
      { organisationId: null, note: { count: 1, tokenId: null } },
    ]);
  });

  it('every list it serves, with how much it shows and by which policy', async () => {
    await start();
    await list();
    expect(notesOf('listServed')).toMatchObject([
      { organisationId: world.grant.organisation.id, note: { shown: 1, hidden: 1, policyId: world.grant.policyId, policyVersion: 1, requestId: 'r-1', caller: { identityId: world.grant.identityId } } },
    ]);
    expect(world.gateway.records).toEqual([]);
  });

  it('a mark when it is new, and not while it is borne', async () => {
    await start({ policy: { version: '1', default: 'allow', flows: [{ after: { name: ['read'], marks: 'untrusted' }, deny: { name: ['pay'] }, within: '10m' }] }, tools: ['read', 'pay'] });
    await call('read', { secret: CANARY });
    await call('read');
    const [first] = world.gateway.records;
    expect(notesOf('flowTainted')).toMatchObject([{ note: { mark: 'untrusted', seconds: 600, tool: 'read', decisionId: first?.decisionId, caller: { identityName: 'ci-runner' } } }]);
    world.gateway.clock.advance(600_000);
    world.gateway.feed.beat();
    await call('read');
    expect(notesOf('flowTainted')).toHaveLength(2);
    expect(JSON.stringify(world.gateway.notes)).not.toContain(CANARY);
  });

  it('the first refusal of a counter in its window, without what it counts by', async () => {
    await start({ policy: { version: '1', default: 'deny', tools: { echo: { limits: [{ counter: 'per_target', scope: 'argument:args.target', window: 'minute', max: 1 }] } } } });
    for (let n = 0; n < 3; n += 1) await call('echo', { target: CANARY });
    const [, , refused] = world.gateway.records;
    expect(refused).toMatchObject({ outcome: 'limited' });
    expect(notesOf('limitTripped')).toMatchObject([{ note: { counter: 'per_target', ruleId: refused?.kind === 'decided' ? refused.ruleId : '', decisionId: refused?.decisionId, tool: 'echo', units: '1' } }]);
    world.gateway.clock.advance(60_000);
    world.gateway.feed.beat();
    for (let n = 0; n < 2; n += 1) await call('echo', { target: CANARY });
    expect(notesOf('limitTripped')).toHaveLength(2);
    expect(JSON.stringify(world.gateway.notes)).not.toContain(CANARY);
  });

  it('that an organisation is out of date, and that it is fresh again', async () => {
    await start();
    await call();
    await expect.poll(() => world.gateway.gateway.standing().state, WAIT).toBe('ready');
    world.gateway.clock.advance(5_001);
    await expect.poll(() => notesOf('freshnessChanged').length, WAIT).toBe(1);
    world.gateway.feed.beat();
    await expect.poll(() => notesOf('freshnessChanged'), WAIT).toMatchObject([
      { organisationId: world.grant.organisation.id, note: { lost: 'policy_stale', stampAgeMs: 5_001 } },
      { organisationId: world.grant.organisation.id, note: { lost: null, stampAgeMs: 0 } },
    ]);
  });

  it('that its journal refused decisions, once there is room again', async () => {
    const journal = new MemoryJournal({ maxRecords: 30 });
    await start({}, { parts: { journal } });
    const kept = () => journal.records.flatMap(({ record }) => (record.kind === 'noted' && record.note.kind === 'auditDegraded' && record.note.reason !== 'near_full' ? [record.note] : []));
    for (let n = 0; n < 20; n += 1) await call();
    expect(journal.condition().refusedDecisions).toBeGreaterThan(0);
    journal.forget();
    await expect.poll(() => kept().map(({ reason }) => reason), WAIT).toEqual(['refused', 'recovered']);
    expect(kept()[0]?.count).toBe(journal.condition().refusedDecisions);
  });
});
