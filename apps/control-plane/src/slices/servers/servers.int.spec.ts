import { ManualScheduler } from '@sallyport/kernel/testing';
import { EgressGuard, inspectServer } from '@sallyport/upstream';
import { parseOperatorFile } from '@sallyport/operator-file';
import { seedServer } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { mutate } from '../../testing/mutate.js';
import { ToolShelf } from '../../testing/tool-shelf.js';

const SECRET = 'Bearer upstream-secret-4711';
const SERVER = 'server { id slug status transport url headers { name } timeout eras protocolVersions serverInfo toolsApprovedAt revision tools { name title status hash changedHash } rejectedTools { name reason } }';
const INTERVAL_MS = 300_000;

describe('servers', () => {
  const shelf = new ToolShelf();
  const scheduler = new ManualScheduler();
  let world: TestControlPlane;
  let responses = '';
  beforeAll(async () => {
    world = await aControlPlane({ inspect: shelf.inspect, scheduler });
  });
  afterAll(() => world.close());

  const change = async (name: string, input: Readonly<Record<string, unknown>>) => {
    const answer = await mutate(world, name, SERVER, input);
    responses += JSON.stringify(answer);
    return answer;
  };
  const read = async (query: string, variables: Readonly<Record<string, unknown>> = {}) => {
    const { data } = await world.ask(query, { variables });
    responses += JSON.stringify(data);
    return data;
  };
  const register = (slug: string, more: Readonly<Record<string, unknown>> = {}) => change('registerServer', { slug, url: `https://${slug}.example.com/mcp`, ...more });

  it('are registered with the tools they list, which that approves', async () => {
    shelf.put('https://clockify.example.com/mcp', { name: 'stop', title: 'Stop', inputSchema: { type: 'object' } }, 'start', 'bad name');
    const answer = await register('clockify', { headers: [{ name: 'Authorization', value: SECRET }] });
    expect(answer).toMatchObject({
      __typename: 'RegisterServerPayload',
      server: {
        slug: 'clockify', status: 'active', transport: 'http', url: 'https://clockify.example.com/mcp', headers: [{ name: 'Authorization' }], timeout: 'PT1M',
        eras: ['legacy'], protocolVersions: ['2025-11-25'], serverInfo: { name: 'shelf', version: '1.0.0' }, toolsApprovedAt: '2026-11-21T09:00:00.000Z',
        tools: [{ name: 'start', title: null, status: 'approved', changedHash: null }, { name: 'stop', title: 'Stop', status: 'approved', changedHash: null }],
        rejectedTools: [{ name: 'bad name', reason: expect.stringContaining('1 to 128 characters') }],
      },
    });
    expect(shelf.asked.at(-1)).toMatchObject({ organisationSlug: 'default', upstream: { headers: [{ name: 'Authorization', value: SECRET }] }, timeoutMs: 30_000 });
  });

  it.each([
    ['a bad slug', { slug: 'Clockify' }, 'server.slug_invalid', '/slug'],
    ['a slug that is taken', { slug: 'clockify' }, 'server.slug_taken', '/slug'],
    ['no address', { url: 'clockify' }, 'server.url_invalid', '/url'],
    ['a process', { url: 'stdio:node server.js' }, 'stdio_from_file_only', '/url'],
    ['an address inside', { url: 'https://127.0.0.1/mcp' }, 'server.url_not_allowed', '/url'],
    ['an address inside, and no listing', { url: 'http://169.254.169.254/', listTools: false }, 'server.url_not_allowed', '/url'],
    ['an odd time limit', { timeout: 'PT0.5S' }, 'server.timeout_invalid', '/timeout'],
    ['a reserved header', { headers: [{ name: 'X', value: 'a' }, { name: 'Host', value: 'a' }] }, 'server.header_reserved', '/headers/1/name'],
    ['a header twice', { headers: [{ name: 'X', value: 'a' }, { name: 'x', value: 'a' }] }, 'server.header_repeated', '/headers/1/name'],
    ['a header that is none', { headers: [{ name: 'X Y', value: 'a' }] }, 'server.header_name_invalid', '/headers/0/name'],
    ['a split header', { headers: [{ name: 'X', value: 'a\r\nHost: b' }] }, 'server.header_value_invalid', '/headers/0/value'],
    ['nothing there', {}, 'server.unreachable', '/url'],
  ])('are refused with %s, and nothing is kept', async (_, input, code, pointer) => {
    const before = await read('{ revision }');
    expect(await register('nowhere', input)).toEqual({ __typename: 'Refusal', code, message: expect.any(String), pointer });
    expect(await read('{ revision }')).toEqual(before);
  });

  it('send nothing to an upstream for a command that cannot succeed', async () => {
    const asked = shelf.asked.length;
    await register('clockify', { headers: [{ name: 'Authorization', value: SECRET }] });
    await register('new', { timeout: 'PT2H' });
    expect(shelf.asked).toHaveLength(asked);
  });

  it('can be added while they are down, and have their tools approved by a refresh', async () => {
    expect(await register('later', { listTools: false })).toMatchObject({ server: { tools: [], toolsApprovedAt: null, serverInfo: null } });
    expect(await change('refreshServer', { server: 'later' })).toMatchObject({ code: 'server.unreachable', pointer: '/url' });
    shelf.put('https://later.example.com/mcp', 'ping');
    expect(await change('refreshServer', { server: 'later' })).toMatchObject({ server: { tools: [{ name: 'ping', status: 'approved' }] } });
  });

  it('are registered once for an idempotency key, without another look at the upstream', async () => {
    shelf.put('https://once.example.com/mcp', 'ping');
    const input = { headers: [{ name: 'X-Key', value: SECRET }], idempotencyKey: 'once' };
    const first = await register('once', input);
    shelf.take('https://once.example.com/mcp');
    const asked = shelf.asked.length;
    expect(await register('once', input)).toEqual(first);
    expect(shelf.asked).toHaveLength(asked);
    expect(await register('once', { ...input, headers: [{ name: 'X-Key', value: 'other' }] })).toMatchObject({ code: 'idempotency_conflict' });
  });

  it('are updated, their secrets bound to the origin they were given for', async () => {
    const update = (input: object) => change('updateServer', { server: 'clockify', ...input });
    expect(await update({ url: 'https://evil.example.com/mcp' })).toMatchObject({ code: 'server.headers_bound_to_origin', pointer: '/url' });
    expect(await update({ url: 'https://10.0.0.1/mcp', removeHeaders: ['authorization'] })).toMatchObject({ code: 'server.url_not_allowed', pointer: '/url' });
    expect(await update({ removeHeaders: ['X-Other'] })).toMatchObject({ code: 'server.header_unknown', pointer: '/removeHeaders/0' });
    expect(await update({ setHeaders: [{ name: 'X-Key', value: '' }] })).toMatchObject({ code: 'server.header_value_invalid', pointer: '/setHeaders/0/value' });
    expect(await change('updateServer', { server: 'nobody' })).toMatchObject({ code: 'server.unknown', pointer: '/server' });
    expect(await update({ setHeaders: [{ name: 'X-Team', value: SECRET }], timeout: 'PT5S' })).toMatchObject({
      server: { headers: [{ name: 'Authorization' }, { name: 'X-Team' }], timeout: 'PT5S' },
    });
    await change('refreshServer', { server: 'clockify' });
    expect(shelf.asked.at(-1)).toMatchObject({ upstream: { headers: [{ name: 'Authorization', value: SECRET }, { name: 'X-Team', value: SECRET }] }, timeoutMs: 5_000 });
  });

  it('have tools labelled, which outlives a refresh and is read as it was [policy/labels]', async () => {
    const asked = 'query ($asOf: AsOf) { server(server: "clockify", asOf: $asOf) { tools { name category risk } } }';
    const stop = (category: string | null, risk: string | null) => ({ server: { tools: [{ name: 'start', category: null, risk: null }, { name: 'stop', category, risk }] } });
    const before = (await read('{ revision }'))?.['revision'];
    const label = (input: object) => change('labelTool', { server: 'clockify', tool: 'stop', ...input });
    expect(await label({ category: 'Destructive', risk: 'High' })).toMatchObject({ __typename: 'LabelToolPayload' });
    await change('refreshServer', { server: 'clockify' });
    expect(await read(asked)).toEqual(stop('Destructive', 'High'));
    await label({ risk: null });
    expect(await read(asked)).toEqual(stop('Destructive', null));
    expect(await read(asked, { asOf: String(before) })).toEqual(stop(null, null));
    expect(await label({ tool: 'nothing', risk: 'Low' })).toMatchObject({ code: 'server.tool_unknown', pointer: '/tool' });
    expect(await change('labelTool', { server: 'nobody', tool: 'stop' })).toMatchObject({ code: 'server.unknown', pointer: '/server' });
  });

  it('are disabled and enabled', async () => {
    expect(await change('disableServer', { server: 'later' })).toMatchObject({ server: { status: 'disabled' } });
    expect(await change('enableServer', { server: 'later' })).toMatchObject({ server: { status: 'active' } });
    expect(await change('disableServer', { server: 'nobody' })).toMatchObject({ code: 'server.unknown', pointer: '/server' });
  });

  it('have tools that changed, came or went quarantined by the drift watch until a person refreshes', async () => {
    shelf.put('https://drift.example.com/mcp', 'same', 'other', 'gone');
    const { server } = await register('drift');
    const changed = { name: 'other', description: 'now with a trailing space ', inputSchema: { type: 'object' } };
    shelf.put('https://drift.example.com/mcp', changed, 'came', 'same');
    const seen = new Promise<void>((resolve) => {
      shelf.meanwhile = async () => resolve();
    });
    expect(scheduler.delaysMs).toContain(INTERVAL_MS);
    scheduler.advance(INTERVAL_MS);
    await seen;
    const { id } = server as { id: string };
    await world.plane.noticeToolsChange(await organisationId(world), id as never);
    const asked = '{ server(server: "drift") { revision tools { name status changedHash definition } history { nodes { type actor { name } } } } }';
    await expect.poll(async () => JSON.stringify(await read(asked))).toContain('server.tools_changed');
    const { server: now } = (await read(asked)) as { server: { history: unknown } };
    expect(now).toMatchObject({
      tools: [
        { name: 'came', status: 'changed', changedHash: expect.any(String), definition: null },
        { name: 'gone', status: 'changed', changedHash: null, definition: { name: 'gone' } },
        { name: 'other', status: 'changed', changedHash: expect.any(String) },
        { name: 'same', status: 'approved', changedHash: null },
      ],
      history: { nodes: [{ type: 'server.registered' }, { type: 'server.tools_approved' }, { type: 'server.tools_changed', actor: { name: 'drift-watch' } }] },
    });
    expect(await change('refreshServer', { server: 'drift' })).toMatchObject({
      server: { tools: [{ name: 'came', status: 'approved' }, { name: 'other', status: 'approved' }, { name: 'same', status: 'approved' }] },
    });
  });

  it('are looked at by the drift watch again and again', async () => {
    await expect.poll(() => scheduler.delaysMs).toContain(INTERVAL_MS);
  });

  it('are not quarantined for a listing that a change overtook', async () => {
    shelf.put('https://race.example.com/mcp', 'one');
    const { server } = await register('race');
    shelf.put('https://race.example.com/mcp', 'two');
    shelf.meanwhile = async () => {
      shelf.meanwhile = async () => undefined;
      await change('updateServer', { server: 'race', timeout: 'PT9S' });
    };
    await world.plane.noticeToolsChange(await organisationId(world), (server as { id: never }).id);
    expect(await read('{ server(server: "race") { tools { name status } } }')).toEqual({ server: { tools: [{ name: 'one', status: 'approved' }] } });
  });

  it('have what another address lists compared with what was approved', async () => {
    shelf.put('https://moved.example.com/mcp', 'one');
    shelf.put('https://moved.example.com/v2', 'one', 'two');
    await register('moved');
    await change('updateServer', { server: 'moved', url: 'https://moved.example.com/v2' });
    await expect.poll(() => read('{ server(server: "moved") { tools { name status } } }')).toEqual({ server: { tools: [{ name: 'one', status: 'approved' }, { name: 'two', status: 'changed' }] } });
  });

  it('refuse a refresh when the address changed while it listed', async () => {
    shelf.meanwhile = async () => {
      shelf.meanwhile = async () => undefined;
      await change('updateServer', { server: 'race', url: 'https://race.example.com/v2' });
    };
    expect(await change('refreshServer', { server: 'race' })).toMatchObject({ code: 'moved_on', pointer: '/server' });
  });

  it('are read as they were', async () => {
    const asked = 'query ($asOf: AsOf) { server(server: "drift", asOf: $asOf) { tools { name status } } servers(asOf: $asOf) { nodes { slug } } }';
    const { server } = (await read('{ server(server: "drift") { history { nodes { revision } } } }')) as { server: { history: { nodes: { revision: number }[] } } };
    const [registered = 0, approved = 0, changed = 0] = server.history.nodes.map((node) => node.revision);
    expect(await read(asked, { asOf: registered - 1 })).toMatchObject({ server: null });
    expect(await read(asked, { asOf: registered })).toMatchObject({ server: { tools: [] } });
    expect(await read(asked, { asOf: approved })).toMatchObject({ server: { tools: [{ name: 'gone', status: 'approved' }, { name: 'other' }, { name: 'same' }] } });
    expect(await read(asked, { asOf: changed })).toMatchObject({
      server: { tools: [{ name: 'came', status: 'changed' }, { name: 'gone', status: 'changed' }, { name: 'other', status: 'changed' }, { name: 'same', status: 'approved' }] },
      servers: { nodes: [{ slug: 'clockify' }, { slug: 'drift' }, { slug: 'later' }, { slug: 'once' }] },
    });
  });

  it('keep their secrets out of every answer, event, table and log line', async () => {
    await read('{ events(first: 100) { nodes { type data } } servers { nodes { slug headers { name } history { nodes { data } } } } }');
    expect(responses).toContain('Authorization');
    expect(responses).not.toContain(SECRET);
    expect(world.logLines.join('\n')).not.toContain(SECRET);
    expect(responses).not.toContain('sealedValue');
  });
});

describe('servers of the operator’s file', () => {
  const shelf = new ToolShelf();
  let world: TestControlPlane;
  beforeAll(async () => {
    const parsed = parseOperatorFile('stdio:\n  - { slug: everything, command: node, args: [server.js] }\n  - { slug: broken, command: node }\n  - { slug: lost, command: node, organisation: nowhere }\n');
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
    world = await aControlPlane({ inspect: shelf.inspect, operatorFile: parsed.value });
  });
  afterAll(() => world.close());

  it('are registered at start by the system, one by one, and approved as listed', async () => {
    shelf.put('everything', 'echo');
    expect(await world.plane.bootstrap.registerStdioServers()).toEqual([
      { slug: 'everything', serverId: expect.any(String), problem: null },
      { slug: 'broken', serverId: expect.any(String), problem: expect.stringContaining('could not be listed') },
      { slug: 'lost', serverId: null, problem: expect.stringContaining('nowhere') },
    ]);
    const { data } = await world.ask('{ server(server: "everything") { transport url tools { name status } history { nodes { type actor { kind name } } } } }');
    expect(data).toEqual({
      server: {
        transport: 'stdio', url: null, tools: [{ name: 'echo', status: 'approved' }],
        history: { nodes: ['server.registered', 'server.tools_approved'].map((type) => ({ type, actor: { kind: 'system', name: 'operator-file' } })) },
      },
    });
  });

  it('are left alone by the next start, where what could not be listed is tried again', async () => {
    const { data: before } = await world.ask('{ revision }');
    shelf.put('broken', 'mended');
    expect(await world.plane.bootstrap.registerStdioServers()).toMatchObject([{ problem: null }, { problem: null }, { serverId: null }]);
    const { data } = await world.ask('{ revision server(server: "broken") { tools { name } } }');
    expect(data).toEqual({ revision: (before as { revision: number }).revision + 1, server: { tools: [{ name: 'mended' }] } });
  });

  it('keep their command to the file [stdio/operator-only]', async () => {
    const answer = await mutate(world, 'updateServer', '', { server: 'everything', url: 'https://example.com/mcp' });
    expect(answer).toMatchObject({ code: 'stdio_from_file_only', pointer: '/url' });
  });
});

describe('a real server', () => {
  it('is registered over streamable HTTP, each of its tools approved', async () => {
    const clockify = await seedServer('clockify', { transport: 'http' });
    const guard = new EgressGuard({ allow: [{ cidr: '127.0.0.0/8' }], ports: [] });
    const parsed = parseOperatorFile('egress: { allow: [127.0.0.0/8] }');
    if (!parsed.ok) throw new Error('refused');
    const world = await aControlPlane({
      operatorFile: parsed.value,
      inspect: (target) =>
        target.upstream.kind === 'http'
          ? inspectServer({ kind: 'http', url: target.upstream.url, headers: [], guard, scope: target })
          : Promise.reject(new Error('no process in this test')),
    });
    const answer = await mutate(world, 'registerServer', 'server { tools { name status } rejectedTools { name } }', { slug: 'clockify', url: clockify.url });
    expect(answer).toMatchObject({ server: { tools: expect.arrayContaining([{ name: 'stop_time_entry', status: 'approved' }]), rejectedTools: [] } });
    expect((answer['server'] as { tools: unknown[] }).tools).toHaveLength(29);
    await world.close();
    await clockify.close();
  });
});

async function organisationId(world: TestControlPlane): Promise<never> {
  const { data } = await world.ask('{ whoami { organisation { id } } }');
  return (data as { whoami: { organisation: { id: never } } }).whoami.organisation.id;
}
