import { MemoryJournal } from '@sallyport/audit/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { callFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, legacyServer } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

/** A journal whose next decision waits until it is let go. */
class SlowJournal extends MemoryJournal {
  letGo = (): void => undefined;
  private isAsked = (): void => undefined;
  readonly asked = new Promise<void>((resolve) => (this.isAsked = resolve));

  override async decided(...record: Parameters<MemoryJournal['decided']>): Promise<void> {
    await super.decided(...record);
    await new Promise<void>((resolve) => {
      this.letGo = resolve;
      this.isAsked();
    });
  }
}

const LIFE_MS = 60_000;

describe('the last look before bytes leave', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;
  let journal: SlowJournal;

  beforeEach(async () => {
    journal = new SlowJournal();
    upstream = await ScriptedUpstream.start(legacyServer(false));
    gateway = await TestGateway.start({ parts: { journal } });
    grant = await gateway.grantFor({ url: upstream.url, expiresInMs: LIFE_MS, policy: { version: '1', default: 'deny', tools: { echo: { limits: [{ counter: 'c', window: 'day', max: 1 }] } } } });
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const expireFresh = (): void => {
    gateway.clock.advance(LIFE_MS);
    gateway.feed.beat();
  };

  it.each([
    ['its grant was revoked', () => grant.organisation.revoke(grant.grantId)],
    ['its policy has a newer version', () => grant.organisation.publish({ version: '1', default: 'deny' }, grant.policyId)],
    ['its tool was quarantined', () => grant.organisation.quarantine(grant.serverId, ['echo'])],
    ['its grant expired, though the worker is fresh', async () => expireFresh()],
    ['the worker’s state became stale', async () => void gateway.clock.advance(5_001)],
  ])('withdraws a call when, while its record was being kept, %s', async (_what, change) => {
    const answer = postFrame(grant, callFrame('echo'));
    await journal.asked;
    await change();
    journal.letGo();
    expect((await answer).message).toMatchObject({ result: { isError: true, _meta: { 'sallyport/decision': { reasonCode: 'policy_stale' } } } });
    expect(upstream.calls).toEqual([]);
    expect(journal.records.flatMap(({ record }) => (record.kind === 'noted' ? [] : [record]))).toMatchObject([
      { kind: 'decided', effect: 'allow' },
      { kind: 'completed', outcome: 'denied', status: 'not_called', reasonCode: 'policy_stale', chargesReleased: true },
    ]);
  });

  it('lets a call go when something else changed', async () => {
    const answer = postFrame(grant, callFrame('echo'));
    await journal.asked;
    await grant.organisation.createIdentity('somebody else');
    journal.letGo();
    await answer;
    expect(upstream.calls).toHaveLength(1);
  });

  it('finishes a call under way when the gateway stops, and takes no new one', async () => {
    const answer = postFrame(grant, callFrame('echo'));
    await journal.asked;
    const stopped = gateway.gateway.stop();
    expect((await postFrame(grant, callFrame('echo', {}, 2))).status).toBe(503);
    journal.letGo();
    expect((await answer).message).toMatchObject({ id: 1, result: { content: [{}] } });
    await stopped;
    expect(gateway.gateway.status().state).toBe('stopped');
  });
});
