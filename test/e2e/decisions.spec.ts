import { FollowDecisionsDocument, ListDecisionsDocument, ShowDecisionDocument, type DecisionFieldsFragment } from '@sallyport/graphql-contract';
import { hostileUpstream, type HostileUpstream } from '@sallyport/test-support';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { call, post, shownIn } from './world/post.js';
import { World, type Access } from './world/world.js';

const POLICY = {
  version: '1',
  default: 'deny',
  tools: { do_it: { deny_if: [{ conditions: [{ path: 'args.amount', op: 'gt', value: 100 }], on_deny: 'Over the limit of the policy.' }] } },
};

let world: World;
let upstream: HostileUpstream;
let access: Access;

beforeAll(async () => {
  upstream = await hostileUpstream('honest');
  world = await World.start();
  access = await world.open({ slug: 'payments', url: upstream.url, policy: POLICY });
});
afterAll(async () => {
  await world.end();
  await upstream.close();
});

describe('searching decisions', () => {
  it('gives them newest first, page by page, each exactly once', async () => {
    for (let amount = 90; amount < 115; amount += 1) await call(access, 'do_it', { amount });
    await world.decisions({ grant: access.grantId }, (found) => found.length === 25);
    const seen: DecisionFieldsFragment[] = [];
    const sizes: number[] = [];
    let after: string | null = null;
    do {
      const { decisions }: { decisions: { nodes: DecisionFieldsFragment[]; pageInfo: { endCursor?: string | null; hasNextPage: boolean } } } =
        await world.admin.run(ListDecisionsDocument, { first: 10, after, filter: { grant: access.grantId } });
      seen.push(...decisions.nodes);
      sizes.push(decisions.nodes.length);
      after = decisions.pageInfo.hasNextPage ? (decisions.pageInfo.endCursor ?? null) : null;
    } while (after !== null);
    expect(sizes).toEqual([10, 10, 5]);
    expect(new Set(seen.map(({ decisionId }) => decisionId)).size).toBe(25);
    const times = seen.map(({ at }) => at);
    expect(times).toEqual([...times].sort().reverse());
    expect(seen.filter(({ outcome }) => outcome === 'denied')).toHaveLength(14);
  });

  it('finds them by outcome, rule, tool, identity and time', async () => {
    const ruleId = '/tools/do_it/deny_if/args.amount-gt';
    const denied = await world.decisions({ grant: access.grantId, outcome: ['denied'] }, (found) => found.length === 14);
    expect(new Set(denied.map((decision) => decision.ruleId))).toEqual(new Set([ruleId]));
    for (const filter of [{ rule: ruleId }, { tool: 'do_it', outcome: ['denied' as const] }, { identity: access.identity, reason: 'rule_denied' }, { server: 'payments', rule: ruleId }]) {
      expect(await world.decisions(filter, (found) => found.length === 14)).toHaveLength(14);
    }
    expect(await world.decisions({ since: new Date(Date.now() + 60_000).toISOString() }, () => true)).toEqual([]);
    expect(await world.decisions({ until: denied.at(-1)?.at ?? '', rule: ruleId }, () => true)).toEqual([]);
  });

  it('tells of a denied call what rule it broke, which arguments it had and their digest, never their values', async () => {
    const refused = await call(access, 'do_it', { amount: 4242, note: 'words-nobody-keeps' });
    const decisionId = shownIn(refused)?.decisionId ?? '';
    await world.decisions({ grant: access.grantId }, (found) => found.some((decision) => decision.decisionId === decisionId));
    const { decision } = await world.admin.run(ShowDecisionDocument, { id: decisionId });
    expect(decision).toMatchObject({ outcome: 'denied', reasonCode: 'rule_denied', ruleId: '/tools/do_it/deny_if/args.amount-gt', argumentKeys: ['amount', 'note'], policyVersion: 1, durationMs: null });
    expect(decision?.argumentsDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(decision?.argumentsBytes).toBe('{"amount":4242,"note":"words-nobody-keeps"}'.length);
    expect(JSON.stringify(decision)).not.toMatch(/4242|words-nobody-keeps/);
  });

  it('tells equal arguments by their digest, whatever their order, and different ones apart', async () => {
    const digestOf = async (message: string): Promise<string | null | undefined> => {
      const { headers } = await post(access, message);
      const id = headers.get('sallyport-decision-id') ?? '';
      await world.decisions({ grant: access.grantId }, (found) => found.some((decision) => decision.decisionId === id));
      return (await world.admin.run(ShowDecisionDocument, { id })).decision?.argumentsDigest;
    };
    const said = (args: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"do_it","arguments":${args}}}`;
    const first = await digestOf(said('{"amount":1,"to":"a"}'));
    expect(await digestOf(said('{ "to": "a", "amount": 1 }'))).toBe(first);
    expect(await digestOf(said('{"amount":1,"to":"b"}'))).not.toBe(first);
  });
});

describe('decisions as they happen', () => {
  const clients: Client[] = [];
  const follow = (token: string, filter: object = {}): AsyncIterableIterator<{ data?: { decisionStream: DecisionFieldsFragment } | null }> => {
    const url = `${world.url.replace('http', 'ws')}/graphql`;
    const client = createClient({ url, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` }, retryAttempts: 0 });
    clients.push(client);
    return client.iterate({ query: FollowDecisionsDocument.toString(), variables: { filter } }) as AsyncIterableIterator<{ data?: { decisionStream: DecisionFieldsFragment } | null }>;
  };

  afterAll(async () => {
    for (const client of clients) await client.dispose();
  });

  it('reach a subscriber over a websocket, filtered as asked', async () => {
    const stream = follow(world.adminToken, { outcome: ['denied'] });
    const next = stream.next();
    let refused = '';
    const calling = (async () => {
      await call(access, 'do_it', { amount: 1 });
      for (;;) {
        refused = shownIn(await call(access, 'do_it', { amount: 1000 }))?.decisionId ?? '';
        const arrived = await Promise.race([next.then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))]);
        if (arrived) return;
      }
    })();
    const { value } = await next;
    await calling;
    expect((value as { data: { decisionStream: DecisionFieldsFragment } }).data.decisionStream).toMatchObject({ outcome: 'denied', server: 'payments', tool: 'do_it', identity: access.identity });
    expect(refused).not.toBe('');
  });

  it('are for signed-in members only', async () => {
    await expect(follow(`sp_usr_${'A'.repeat(40)}_AAAAAA`).next()).rejects.toBeDefined();
    await expect(follow(access.token).next()).rejects.toBeDefined();
  });
});
