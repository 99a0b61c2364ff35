import { RefreshServerDocument, RegisterServerDocument } from '@sallyport/graphql-contract';
import { seedServer, type McpClient, type SeedServer, type SeedServerName, type ToolAnswer } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { accepted } from './world/accepted.js';
import { seedPolicies, type SeedPolicy } from './world/seed-policies.js';
import { World, operatorFile, type Access } from './world/world.js';

const MINUTE_MS = 60_000;
const OVER_STDIO: readonly SeedServerName[] = ['ticktick', 'trackingtime'];

let world: World;
const servers = new Map<SeedServerName, SeedServer>();

beforeAll(async () => {
  for (const name of ['clockify', 'harvest', 'ticktick', 'trackingtime'] as const) {
    servers.set(name, await seedServer(name, { transport: OVER_STDIO.includes(name) ? 'stdio' : 'http' }));
  }
  const stdio = OVER_STDIO.map((slug) => ({ slug, ...servers.get(slug)?.command }));
  world = await World.start({ operatorFile: operatorFile(`stdio: ${JSON.stringify(stdio)}\n`) });
  for (const [slug, server] of servers) {
    if (server.command === undefined) accepted((await world.admin.run(RegisterServerDocument, { input: { slug, url: server.url } })).registerServer);
    else accepted((await world.admin.run(RefreshServerDocument, { input: { server: slug } })).refreshServer);
  }
});

afterAll(async () => {
  await world.end();
  for (const server of servers.values()) await server.close();
});

interface Burst {
  readonly access: Access;
  readonly client: McpClient;
  readonly answers: readonly ToolAnswer[];
  /** How many of them the upstream saw. */
  readonly reached: number;
}

/** Calls the tool `count` times inside one UTC minute with a fresh grant; when the minute ends meanwhile, once more with another. */
async function burst(policy: SeedPolicy, name: string, count: number): Promise<Burst> {
  for (;;) {
    const access = await world.grant(policy.server, name);
    const client = await world.client(access);
    const minute = Math.floor(Date.now() / MINUTE_MS);
    const before = servers.get(policy.server)?.calls(policy.tool).length ?? 0;
    const answers: ToolAnswer[] = [];
    for (let made = 0; made < count; made += 1) answers.push(await client.callTool(policy.tool, argumentsFor(policy)));
    const reached = (servers.get(policy.server)?.calls(policy.tool).length ?? 0) - before;
    if (Math.floor(Date.now() / MINUTE_MS) === minute) return { access, client, answers, reached };
    await client.close();
  }
}

function argumentsFor(policy: SeedPolicy): Record<string, unknown> {
  const schema = servers.get(policy.server)?.list.tools.find(({ name }) => name === policy.tool)?.inputSchema;
  return Object.fromEntries((schema?.required ?? []).map((name) => [name, schema?.properties?.[name]?.['type'] === 'string' ? 'x' : 1]));
}

const shown = (answer: ToolAnswer | undefined) => (answer?.result['_meta'] as Record<string, { reasonCode: string; ruleId: string; decisionId: string; retryAfterMs?: number }> | undefined)?.['sallyport/decision'];

describe.each(seedPolicies())('$server under its published policy for $tool, $max a minute [servers/four]', (policy) => {
  const { server, tool, max, ruleId } = policy;
  let name: string;
  let used: Burst;

  beforeAll(async () => {
    name = world.name('published');
    await world.publish(name, policy.document);
    used = await burst(policy, name, max + 1);
  });
  afterAll(() => used.client.close());

  it(`lets ${max} calls through in a minute and denies the next, naming the limit and when it resets`, () => {
    const { answers, reached } = used;
    expect(answers.slice(0, max).filter(({ isError }) => isError)).toEqual([]);
    const last = answers.at(-1);
    expect(last?.isError).toBe(true);
    expect(last?.text).toMatch(/^\[POLICY DENIED\] .*reset/i);
    expect(shown(last)).toMatchObject({ reasonCode: 'limit_exceeded', ruleId });
    expect(shown(last)?.retryAfterMs).toBeGreaterThan(0);
    expect(shown(last)?.retryAfterMs).toBeLessThanOrEqual(MINUTE_MS);
    expect(reached).toBe(max);
  });

  it('records the denied call as limited, with the rule', async () => {
    const [limited] = await world.decisions({ grant: used.access.grantId, outcome: ['limited'] }, (found) => found.length === 1);
    expect(limited).toMatchObject({ decisionId: shown(used.answers.at(-1))?.decisionId, reasonCode: 'limit_exceeded', ruleId, tool, server });
  });

  it('shows that one tool and no other', async () => {
    expect(await used.client.toolNames()).toEqual([tool]);
  });

  it('denies every other tool of the server, and asks nothing of it [policy/published-documents]', async () => {
    const upstream = servers.get(server);
    const others = [...new Set(upstream?.list.tools.map((listed) => listed.name))].filter((other) => other !== tool);
    const before = upstream?.calls().length;
    for (const other of others) {
      const answer = await used.client.callTool(other, {});
      expect([other, answer.isError, shown(answer)?.reasonCode, shown(answer)?.ruleId]).toEqual([other, true, 'default_deny', '(default deny)']);
    }
    expect(others.length).toBeGreaterThan(5);
    expect(upstream?.calls().length).toBe(before);
  });

  it('leaves another grant of the same policy its own count', async () => {
    const other = await burst(policy, name, 1);
    expect(other.answers[0]?.isError).toBe(false);
    await other.client.close();
  });
});

describe('the lists as the servers send them', () => {
  it.each([...OVER_STDIO, 'clockify', 'harvest'] as const)('%s: every recorded tool is there once, or rejected with a reason', async (slug) => {
    const { stdout } = await world.cli(['server', 'tools', slug, '--json']);
    const { items, rejected } = JSON.parse(stdout) as { items: { name: string; status: string }[]; rejected: { name: string; reason: string }[] };
    const names = [...new Set(servers.get(slug)?.list.tools.map((tool) => tool.name))].sort();
    expect([...new Set([...items, ...rejected].map((tool) => tool.name))].sort()).toEqual(names);
    expect(items.every(({ status }) => status === 'approved')).toBe(true);
  });
});
