import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { callFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, legacyServer } from './testing/scripted-upstream.js';
import { TestGateway } from './testing/test-gateway.js';

const CALLS = 1_000;
const MAX = 100;

describe('a thousand calls at once against a limit of a hundred', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start(legacyServer(false));
    gateway = await TestGateway.start({ limits: { concurrentCallsPerIdentity: CALLS } });
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  it('are a hundred admitted and nine hundred limited, each recorded, and no more reach the upstream [limits/exact]', async () => {
    const policy = { version: '1', default: 'deny', tools: { echo: { limits: [{ counter: 'echoes', window: 'hour', max: MAX }] } } };
    const grant = await gateway.grantFor({ url: upstream.url, policy });
    const answers = await Promise.all(Array.from({ length: CALLS }, (_, n) => postFrame(grant, callFrame('echo', {}, n + 1))));
    const limited = answers.filter(({ text }) => text.includes('limit_exceeded'));
    expect({ limited: limited.length, admitted: answers.length - limited.length }).toEqual({ limited: CALLS - MAX, admitted: MAX });
    expect(upstream.calls.length).toBe(MAX);
    expect(gateway.records.filter(({ outcome }) => outcome === 'limited').length).toBe(CALLS - MAX);
  });
});
