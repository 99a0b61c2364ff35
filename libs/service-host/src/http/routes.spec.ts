import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';

import { answerOperations } from '../operations.js';
import { listen, makeServer } from './listener.js';
import { routeRequests, type FrontDoorRoutes } from './routes.js';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(routes: Partial<FrontDoorRoutes>, missing: readonly string[] = []): Promise<(path: string) => Promise<Response>> {
  const server = makeServer(null);
  const operations: FrontDoorRoutes['operations'] = (path) => answerOperations({ ready: async () => missing, metrics: [new Registry()] }, path);
  routeRequests(server, { operations, ...routes });
  const { port } = await listen(server, { host: '127.0.0.1', port: 0 });
  stops.push(() => void server.close().closeAllConnections());
  return (path) => fetch(`http://127.0.0.1:${port}${path}`);
}

describe('the one address of a process', () => {
  it('sends /mcp to the gateway and what is nobody else’s to the control plane', async () => {
    const get = await serve({ gateway: (_, response) => void response.end('gateway'), controlPlane: (_, response) => void response.end('control plane') });
    const texts = await Promise.all(['/mcp', '/mcp/a?b', '/mcpx', '/graphql'].map(async (path) => (await get(path)).text()));
    expect(texts).toEqual(['gateway', 'gateway', 'control plane', 'control plane']);
  });

  it('has nothing where a process has no such part', async () => {
    const get = await serve({});
    expect((await get('/mcp')).status).toBe(404);
    expect((await get('/graphql')).status).toBe(404);
  });

  it('says that it lives, and what it lacks', async () => {
    const get = await serve({}, ['no recent stamp']);
    expect(await (await get('/healthz')).json()).toEqual({ alive: true });
    const ready = await get('/readyz');
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, missing: ['no recent stamp'] }]);
  });
});
