import type { ServerResponse } from 'node:http';

import { listenOnLoopback, readBody, receivedMessage, type ReceivedMessage } from '@sallyport/test-support';

type Secret = (where: string) => string;

/** A server that is given a secret and tells it in every answer to a call, in the way that the tool's name says. */
export interface TellingUpstream {
  readonly url: string;
  close(): Promise<void>;
}

type Telling = (secret: string) => { readonly status?: number; readonly message?: object; readonly text?: string };

const TELLINGS: Readonly<Record<string, Telling>> = {
  tells: (secret) => ({ message: { result: { content: [{ type: 'text', text: secret }], structuredContent: { deep: [{ [secret]: secret }] } } } }),
  fails: (secret) => ({ message: { result: { content: [{ type: 'text', text: secret }], isError: true } } }),
  refuses: (secret) => ({ message: { error: { code: -32_000, message: secret, data: { why: secret } } } }),
  breaks: (secret) => ({ status: 500, text: secret }),
  bars: (secret) => ({ status: 401, text: secret }),
  babbles: (secret) => ({ text: `{"jsonrpc":"2.0","${secret}` }),
};

/** The tools that answer in a way of their own; any other one tells it in a result. */
export const TELLING_TOOLS: readonly string[] = Object.keys(TELLINGS);

/** Starts a telling server that lists other tools beside its own. `secret` makes what it tells from the name of the place. */
export async function tellingUpstream(secret: Secret, others: readonly string[]): Promise<TellingUpstream> {
  const tools = [...TELLING_TOOLS, ...others].map((name) => ({ name, description: 'Tells.', inputSchema: { type: 'object' } }));
  const loopback = await listenOnLoopback((request, response) => {
    void readBody(request).then((body) => answer(response, receivedMessage(body, request.headers), { secret, tools }));
  });
  return { url: `${loopback.origin}/mcp`, close: loopback.close };
}

interface Told {
  readonly secret: Secret;
  readonly tools: readonly object[];
}

function answer(response: ServerResponse, message: ReceivedMessage, told: Told): void {
  if (message.id === undefined) return void response.writeHead(202).end();
  const { secret } = told;
  const { status = 200, message: said, text } = toldFor(message, told);
  const headers = { 'content-type': 'application/json', 'set-cookie': `session=${secret('upstream-cookie')}`, 'www-authenticate': `Bearer realm="${secret('upstream-challenge')}"`, 'x-trace': secret('upstream-header') };
  response.writeHead(status, headers).end(text ?? JSON.stringify({ jsonrpc: '2.0', id: message.id, ...said }));
}

function toldFor({ method, params }: ReceivedMessage, { secret, tools }: Told): ReturnType<Telling> {
  if (method === 'initialize') return { message: { result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'telling', version: '1.0.0' } } } };
  if (method === 'tools/list') return { message: { result: { tools } } };
  const tool = String(params['name']);
  return (TELLINGS[tool] ?? TELLINGS['tells'])?.(secret(`answer-${tool}`)) ?? {};
}
