import { setImmediate as turn } from 'node:timers/promises';

import type { DecidedRecord } from '@sallyport/audit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { callFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, legacyServer } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const TRIES = 1_000;
const reasonOf = ({ message }: { readonly message: unknown }): string => (message as { result?: { _meta?: Record<string, { reasonCode: string }> } }).result?._meta?.['sallyport/decision']?.reasonCode ?? 'answered';

describe('a definition that drifts between the list and the call', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start(legacyServer(false));
    gateway = await TestGateway.start();
    grant = await gateway.grantFor({ url: upstream.url });
  });
  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const call = async () => reasonOf(await postFrame(grant, callFrame('echo')));
  const driftAfter = async (turns: number) => {
    for (let left = turns; left > 0; left -= 1) await turn();
    return grant.organisation.quarantine(grant.serverId, ['echo']);
  };

  it('is used by no call that was decided after it was known, in a thousand tries', async () => {
    const seen = new Map<string, number>();
    for (let n = 0; n < TRIES; n += 1) {
      const [reached, recorded] = [upstream.calls.length, gateway.records.length];
      const [reason, drifted] = await Promise.all([call(), driftAfter(n % 25)]);
      seen.set(reason, (seen.get(reason) ?? 0) + 1);
      const decided = gateway.records.slice(recorded).find((record): record is DecidedRecord => record.kind === 'decided');
      if (decided?.effect === 'allow') expect(decided.revision).toBeLessThan(drifted);
      else expect([decided?.reasonCode, (decided?.revision ?? 0) >= drifted]).toEqual(['quarantined', true]);
      expect(['answered', 'quarantined', 'policy_stale']).toContain(reason);
      expect(upstream.calls.length - reached).toBe(reason === 'answered' ? 1 : 0);
      expect(await call()).toBe('quarantined');
      await grant.organisation.approve(grant.serverId, ['echo', 'other']);
    }
    expect(Math.min(seen.get('answered') ?? 0, seen.get('quarantined') ?? 0)).toBeGreaterThan(0);
    expect(gateway.fatal).toEqual([]);
  }, 180_000);
});
