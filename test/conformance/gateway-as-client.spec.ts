import { fileURLToPath } from 'node:url';

import { listenOnLoopback, readBody, type LoopbackServer } from '@sallyport/test-support';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { complaints, count, expectedIn, lost } from './checks.js';
import { PermissiveGateway, type GatewayRoute } from './gateway-route.js';
import { clientScenarios, referee } from './referee.js';

const CLIENT = `${process.execPath} ${fileURLToPath(new URL('reference-client.mjs', import.meta.url))}`;

/** Their server has no tools to list, and counts every request it gets as the client's. */
const UNLISTED: ReadonlySet<string> = new Set(['initialize', 'request-metadata']);

const SCENARIOS = {
  '2025-06-18': ['initialize', 'tools_call'],
  '2025-11-25': ['initialize', 'tools_call', 'elicitation-sep1034-client-defaults', 'sse-retry', 'json-schema-2020-12-preservation'],
  '2026-07-28': [
    'tools_call',
    'request-metadata',
    'sep-2322-client-request-state',
    'http-standard-headers',
    'http-custom-headers',
    'http-invalid-tool-headers',
    'json-schema-ref-no-deref',
    'json-schema-2020-12-preservation',
  ],
} as const;
const CASES = Object.entries(SCENARIOS).flatMap(([revision, names]) => names.map((name) => [name, revision] as const));

describe('a client behind the gateway, judged by the official referee', () => {
  let routes: LoopbackServer;
  let gateway: PermissiveGateway | undefined;
  let isListed = true;

  const begin = async (upstreamUrl: string): Promise<GatewayRoute> => {
    gateway = await PermissiveGateway.start();
    return gateway.route(upstreamUrl, isListed);
  };
  const end = async (): Promise<void> => {
    await gateway?.stop();
    gateway = undefined;
  };

  beforeAll(async () => {
    const answer = async (method: string, body: string): Promise<string> => (method === 'POST' ? JSON.stringify(await begin(body)) : end().then(() => ''));
    routes = await listenOnLoopback((request, response) => {
      void readBody(request)
        .then((body) => answer(request.method ?? '', body))
        .then((text) => response.end(text), (caught: unknown) => response.writeHead(500).end(String(caught)));
    });
  });
  afterEach(end);
  afterAll(() => routes.close());

  it.each(Object.entries(SCENARIOS))('is given every scenario of %s that needs no authorisation', async (revision, names) => {
    expect([...(await clientScenarios(revision))].sort()).toEqual([...names].sort());
  });

  it.each(CASES)('[gateway/conformance] passes every check of %s (%s) that it passes directly', async (name, revision) => {
    const args = ['client', '--command', CLIENT, '--scenario', name, '--spec-version', revision];
    isListed = !UNLISTED.has(name);
    const [direct, relayed] = await Promise.all([referee(args), referee(args, { ROUTES: routes.origin })]);
    expect(complaints(direct)).toEqual([]);
    expect(count(direct, 'SUCCESS')).toBeGreaterThan(0);
    expect(lost(direct, relayed), complaints(relayed).join('\n')).toEqual(expectedIn(`client ${revision}`, name));
  });
});
