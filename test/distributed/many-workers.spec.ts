import { AdminClient, RevokeGrantDocument } from '@sallyport/graphql-contract';
import { hostileUpstream, type HostileUpstream } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { accepted } from '../e2e/world/accepted.js';
import { ONCE_MARKED, callEvents, type CallEvent } from '../e2e/world/call-events.js';
import { groupIsAlive } from '../e2e/world/child.js';
import { verdictOf } from '../e2e/world/post.js';
import { operatorFile } from '../e2e/world/world.js';
import { Fleet } from './world/fleet.js';
import { History } from './world/history.js';

const OPEN = { version: '1', default: 'deny', tools: { do_it: {} } };
const CALLS = 1_000;
const MAX = 100;
const waitFor = 'ENFORCED' as const;

let fleet: Fleet;
let upstream: HostileUpstream;
let policy: string;

beforeAll(async () => {
  upstream = await hostileUpstream('honest');
  fleet = await Fleet.start({ workers: 4, operatorFile: operatorFile(`limits:\n  concurrentCallsPerIdentity: ${CALLS}\n`) });
  ({ policy } = await fleet.world.open({ slug: 'tracker', url: upstream.url, policy: OPEN }));
});
afterAll(async () => {
  await fleet.end();
  await upstream.close();
});

describe('four workers', () => {
  it('are told of, each a process of its own with its own address', () => {
    const line = fleet.world.lines.find(({ event }) => event === 'ready');
    expect(fleet.workers.map(({ workerId }) => workerId)).toEqual(['worker-1', 'worker-2', 'worker-3', 'worker-4']);
    expect(new Set(fleet.workers.map(({ url }) => url)).size).toBe(4);
    const processes = line?.['processes'] as readonly { role: string; pid: number }[];
    expect(processes.map(({ role }) => role).sort()).toEqual(['control-plane', 'kafka', 'postgres', 'redis', 'worker', 'worker', 'worker', 'worker']);
    expect(new Set(processes.map(({ pid }) => pid)).size).toBe(8);
    expect(line).toMatchObject({ gatewayUrl: fleet.workers[0]?.url, graphqlUrl: `${fleet.world.url}/graphql` });
  });

  it('all take a grant that was answered as enforced', async () => {
    const access = await fleet.world.grant('tracker', policy);
    expect(access.url).toBe(`${fleet.workers[0]?.url}/mcp/tracker`);
    expect(await fleet.verdicts(access, 'do_it')).toEqual(['allowed', 'allowed', 'allowed', 'allowed']);
  });

  it('none takes a grant once its revocation was answered as enforced, whatever was under way [grant/revocation-binds]', async () => {
    const access = await fleet.world.grant('tracker', policy);
    const history = new History<string>();
    let revokedMs = Number.POSITIVE_INFINITY;
    const callers = fleet.workers.map(async (worker) => {
      for (let after = 0; after < 5; after += performance.now() > revokedMs ? 1 : 0) {
        await history.record(worker.workerId, async () => verdictOf(await fleet.call(worker, access, 'do_it')));
      }
    });
    const { revokeGrant } = await fleet.world.admin.run(RevokeGrantDocument, { input: { grant: access.grantId, waitFor } });
    revokedMs = performance.now();
    expect(accepted(revokeGrant)).toMatchObject({ enforcement: { reached: true, outstanding: [] } });
    await Promise.all(callers);
    const late = history.after(revokedMs);
    expect(new Set(late.map(({ what }) => what)).size).toBe(4);
    expect(late.filter(({ outcome }) => outcome === 'allowed')).toEqual([]);
    expect(history.counts()['allowed']).toBeGreaterThan(0);
  });

  /** A thousand calls at once with a fresh grant, spread over the workers; how many ended in each way. */
  async function storm(limited: string): Promise<Readonly<Record<string, number>>> {
    const access = await fleet.world.grant('tracker', limited);
    const before = upstream.calls('do_it').length;
    const history = new History<string>();
    const calls = Array.from({ length: CALLS }, (_, index) => fleet.workers[index % 4]).flatMap((worker) => worker ?? []);
    await Promise.all(calls.map((worker) => history.record(worker.workerId, async () => verdictOf(await fleet.call(worker, access, 'do_it')))));
    expect(upstream.calls('do_it').length - before).toBe(history.counts()['allowed']);
    return history.counts();
  }

  it('admit exactly a hundred of a thousand calls at once at a limit of a hundred [limits/exact]', async () => {
    const limited = fleet.world.name('limited');
    await fleet.world.publish(limited, { version: '1', default: 'deny', tools: { do_it: { limits: [{ counter: 'uses', window: 'day', max: MAX }] } } });
    let counts = await storm(limited);
    // Where the machine is too busy for the store's deadline, calls are denied for that reason; then it is done again.
    for (let again = 0; again < 4 && 'limit_store_unavailable' in counts; again += 1) {
      expect(counts['allowed']).toBeLessThanOrEqual(MAX);
      counts = await storm(limited);
    }
    expect(counts).toEqual({ allowed: MAX, limit_exceeded: CALLS - MAX });
  });

  it('have all their decisions found in one place, each once [audit/nothing-lost]', async () => {
    const access = await fleet.world.grant('tracker', policy);
    for (const round of [1, 2, 3]) expect([round, ...(await fleet.verdicts(access, 'do_it'))]).toEqual([round, 'allowed', 'allowed', 'allowed', 'allowed']);
    const found = await fleet.world.decisions({ grant: access.grantId }, (nodes) => nodes.filter(({ outcome }) => outcome === 'allowed').length >= 12);
    expect(found).toHaveLength(12);
    expect(new Set(found.map(({ decisionId }) => decisionId)).size).toBe(12);
  });

  it('have events that say which worker ran what, how old its policies were, and the mark that another worker’s call left', async () => {
    const once = fleet.world.name('policy');
    await fleet.world.publish(once, ONCE_MARKED);
    const access = await fleet.world.grant('tracker', once);
    const [first, second] = fleet.workers;
    if (first === undefined || second === undefined) throw new Error('no workers');
    expect(verdictOf(await fleet.call(first, access, 'do_it'))).toBe('allowed');
    await vi.waitFor(async () => expect(verdictOf(await fleet.call(second, access, 'do_it'))).toBe('flow_denied'));
    const isRefused = ({ decision }: CallEvent): boolean => decision.reason_code === 'flow_denied';
    const events = await callEvents(fleet.world, access.grantId, (all) => all.some(isRefused) && all.some(({ type }) => type === 'call.completed'));
    const refused = events.find(isRefused);
    const ended = events.find(({ type }) => type === 'call.completed');
    expect(ended).toMatchObject({ mcp: { tool: 'do_it', tool_upstream: 'do_it' }, decision: { flow_after: ['seen'] } });
    expect(refused).toMatchObject({ mcp: { tool_upstream: 'do_it' }, decision: { flow_before: ['seen'], flow_after: ['seen'] } });
    expect(refused?.gateway.instance_id).not.toBe(ended?.gateway.instance_id);
    for (const { gateway, decision } of events) {
      expect(gateway.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(decision.policy_age_ms).toBeLessThanOrEqual(5_000);
    }
  });
});

describe('a second control plane', () => {
  it('takes over when the first is killed: calls go on, changes are enforced, and a worker that starts is ready from what the broker keeps', async () => {
    const access = await fleet.world.grant('tracker', policy);
    const second = await fleet.addControlPlane();
    await fleet.kill(fleet.pidOf('control-plane'));
    expect(await fleet.verdicts(access, 'do_it')).toEqual(['allowed', 'allowed', 'allowed', 'allowed']);
    const again = await fleet.restartWorker(2);
    expect(verdictOf(await fleet.call(again, access, 'do_it'))).toBe('allowed');
    const admin = new AdminClient({ url: second, token: fleet.world.adminToken });
    const { revokeGrant } = await admin.run(RevokeGrantDocument, { input: { grant: access.grantId, waitFor } });
    expect(accepted(revokeGrant)).toMatchObject({ enforcement: { reached: true, outstanding: [] } });
    expect(await fleet.verdicts(access, 'do_it')).toEqual(['401', '401', '401', '401']);
  });
});

describe('the end', () => {
  it('is one command’s: SIGTERM to the launcher ends every process with 0', async () => {
    const group = fleet.world.process.pid;
    await fleet.kill(fleet.workers[1]?.pid ?? 0);
    expect(await fleet.world.stop()).toBe(0);
    expect(groupIsAlive(group)).toBe(false);
  });
});
