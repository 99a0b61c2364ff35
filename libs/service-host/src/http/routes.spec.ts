import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';

import { answerOperations } from '../operations.js';
import { listen, makeServer } from './listener.js';
import { routeRequests, startingRoutes, type FrontDoorRoutes } from './routes.js';

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

  it('answers from its first moment on, and its parts as soon as they are there', async () => {
    const server = makeServer(null);
    const door = routeRequests(server, startingRoutes('the worker', { gateway: (_, response) => void response.writeHead(503).end('not yet') }));
    const { port } = await listen(server, { host: '127.0.0.1', port: 0 });
    stops.push(() => void server.close().closeAllConnections());
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, (await response.text()).trim()];
    };
    expect(await get('/mcp/tools')).toEqual([503, 'not yet']);
    expect(await get('/graphql')).toEqual([404, 'Nothing is here.']);
    expect(await get('/healthz')).toEqual([200, '{"alive":true}']);
    expect(await get('/readyz')).toEqual([503, '{"ready":false,"missing":["the worker is starting"]}']);
    expect(await get('/metrics')).toEqual([200, '']);
    door.open({ gateway: (_, response) => void response.end('here'), operations: (path) => answerOperations({ ready: async () => [], metrics: [] }, path) });
    expect(await get('/mcp/tools')).toEqual([200, 'here']);
    expect(await get('/readyz')).toEqual([200, '{"ready":true,"missing":[]}']);
  });

  it('says that it lives, and what it lacks', async () => {
    const get = await serve({}, ['no recent stamp']);
    expect(await (await get('/healthz')).json()).toEqual({ alive: true });
    const ready = await get('/readyz');
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, missing: ['no recent stamp'] }]);
  });
});
