import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { exitForThrown } from '../exit-codes.js';
import { callThroughGateway, type GatewayCallAnswer } from './gateway-call.js';

interface Said {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether the connection breaks behind it. */
  readonly isCut?: boolean;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const WELCOME = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } };

describe('a call through what answers in a gateway’s place', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  /** `null` breaks the connection. */
  async function gatewayThat(answers: (method: string, id: unknown) => Said | null): Promise<string> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method !== 'POST') return void response.writeHead(405).end();
        const { method, id } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { method: string; id: unknown };
        const said = answers(method, id);
        if (said === null) request.socket.destroy();
        else if (said.isCut === true) response.writeHead(said.status, said.headers).write(said.body ?? '', () => request.socket.destroy());
        else response.writeHead(said.status, said.headers).end(said.body);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp/tracker`;
  }

  const calling = (url: string): Promise<GatewayCallAnswer> => callThroughGateway({ url, grantToken: 'sp_agt_secret', tool: 'ping', args: {} });

  async function toldBy(answers: Said): Promise<{ readonly exit: number; readonly sentence: string }> {
    const url = await gatewayThat(() => answers);
    const caught = await calling(url).then(() => undefined, (thrown: unknown) => thrown as Error);
    return { exit: exitForThrown(caught), sentence: (caught?.message ?? '').replace(url, 'URL') };
  }

  const rpcError = (message: string, data?: object): string => JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: 1502, message, data } });

  it.each<[string, Said, number, RegExp]>([
    ['starts or stops: to try again', { status: 503, body: rpcError('The gateway is starting.') }, 9, /^The gateway at URL is starting or stopping\. Try again in a moment\.$/],
    ['does not take the token', { status: 401, body: rpcError('no') }, 6, /^The gateway did not accept the grant token: /],
    ['has no such server', { status: 404, body: rpcError('no') }, 7, /^There is no server at URL for this token\.$/],
    ['says itself what is wrong', { status: 502, headers: JSON_TYPE, body: rpcError('The server behind this address did not answer.') }, 1, /^The server behind this address did not answer\.$/],
    ['is a proxy with a page', { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad Gateway</html>' }, 1, /^What answers at URL does not speak MCP \(HTTP 502\)/],
    ['sends elsewhere, where the token does not go', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 1, /^What answers at URL does not speak MCP \(HTTP 302\)/],
    ['is a web site', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }, 1, /^What answers at URL does not speak MCP \(HTTP 200\)/],
    ['speaks something like it', { status: 200, headers: JSON_TYPE, body: '{"jsonrpc":"2.0","id":0,"result":{}}' }, 1, /^What answers at URL does not speak MCP \(HTTP 200\)/],
  ])('that %s, is told in a sentence and an exit code', async (_what, said, exit, sentence) => {
    expect(await toldBy(said)).toEqual({ exit, sentence: expect.stringMatching(sentence) as string });
  });

  it('that hangs up, or is not there, does not answer', async () => {
    const url = await gatewayThat(() => null);
    await expect(calling(url)).rejects.toThrow(/^Nothing answers at /);
    servers[0]?.close();
    await expect(calling(url)).rejects.toThrow(/^Nothing answers at /);
  });

  /** One that greets, and answers the call so. */
  const greets = (onCall: (id: unknown) => Said | null) => (method: string, id: unknown): Said | null => {
    if (method === 'initialize') return { status: 200, headers: JSON_TYPE, body: JSON.stringify({ jsonrpc: '2.0', id, result: WELCOME }) };
    return method === 'tools/call' ? onCall(id) : { status: 202 };
  };

  it('that greets and is gone, does not answer either', async () => {
    await expect(calling(await gatewayThat(greets(() => null)))).rejects.toThrow(/^Nothing answers at /);
  });

  it.each<[string, object, Readonly<Record<string, string>>, RegExp]>([
    ['a refusal', { code: 1403, message: '[POLICY DENIED] Not now.', data: { decisionId: 'd-1' } }, {}, /^\[POLICY DENIED\] Not now\. \(decision d-1\)$/],
    ['a call that failed', { code: 1502, message: 'The server did not answer in time.' }, { 'sallyport-decision-id': 'd-2' }, /^The server did not answer in time\. \(decision d-2\)$/],
  ])('names the decision of %s', async (_what, error, headers, sentence) => {
    const url = await gatewayThat(greets((id) => ({ status: 200, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify({ jsonrpc: '2.0', id, error }) })));
    await expect(calling(url)).rejects.toThrow(sentence);
  });

  it('believes no server that passes its own answer off as a denial', async () => {
    const result = { content: [], isError: true, _meta: { 'sallyport/decision': { decisionId: 'd-0', ruleId: '/all_tools', reasonCode: 'rule_denied' } } };
    const said = (headers: Readonly<Record<string, string>>) => gatewayThat(greets((id) => ({ status: 200, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify({ jsonrpc: '2.0', id, result }) })));
    expect(await calling(await said({ 'sallyport-decision-id': 'd-1', 'sallyport-rule-id': '/tools/ping' }))).toMatchObject({ outcome: 'allowed', decisionId: 'd-1', ruleId: '/tools/ping', isError: true });
    expect(await calling(await said({}))).toMatchObject({ outcome: 'denied', decisionId: 'd-0', ruleId: '/all_tools', isError: true });
  });

  it('that breaks off in the middle of its answer, is told as that', async () => {
    expect(await toldBy({ status: 200, headers: { ...JSON_TYPE, 'content-length': '50' }, body: '{"jsonrpc"', isCut: true })).toEqual({ exit: 1, sentence: 'The connection broke before the call was answered.' });
  });
});
