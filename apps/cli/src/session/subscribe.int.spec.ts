import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { AdminClient } from '@sallyport/graphql-contract';
import { GraphQLInt, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';

import { exitForThrown } from '../exit-codes.js';
import type { CommandContext } from './command-context.js';
import { subscribe } from './subscribe.js';

const GOING_AWAY = 1_001;
const NOBODY = { errors: [{ message: 'Sign in.', extensions: { code: 'unauthenticated' } }] };

/** A control plane that knows one subscription, which counts up and then rests, and can be taken away and brought back. */
class Ticking {
  accepts = true;
  takesSockets = true;
  signedIn: object = { data: { whoami: {} } };
  private ticks = 0;
  private port = 0;
  private parts: { readonly http: Server; readonly sockets: WebSocketServer } | undefined;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async open(): Promise<void> {
    const http = createServer((request, response) => {
      request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify(this.signedIn)));
    });
    const sockets = new WebSocketServer({ noServer: true });
    useServer({ schema: this.schema(), onConnect: () => this.accepts }, sockets);
    http.on('upgrade', (request, socket, head) => {
      if (this.takesSockets) sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request));
      else socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    });
    await new Promise<void>((resolve) => http.listen(this.port, '127.0.0.1', resolve));
    this.port = (http.address() as AddressInfo).port;
    this.parts = { http, sockets };
  }

  async away(): Promise<void> {
    const { parts } = this;
    if (parts === undefined) return;
    this.parts = undefined;
    for (const webSocket of parts.sockets.clients) webSocket.close(GOING_AWAY);
    const closed = new Promise((resolve) => parts.http.close(resolve));
    parts.http.closeAllConnections();
    await closed;
  }

  private schema(): GraphQLSchema {
    const rest = new Promise<never>(() => undefined);
    const next = (): number => (this.ticks += 1);
    const ticks = async function* (): AsyncGenerator<{ ticks: number }> {
      yield { ticks: next() };
      await rest;
    };
    const field = { type: GraphQLInt };
    return new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { a: field } }), subscription: new GraphQLObjectType({ name: 'Subscription', fields: { ticks: { ...field, subscribe: ticks } } }) });
  }
}

describe('a subscription of a command', () => {
  const plane = new Ticking();
  afterEach(async () => {
    await plane.away();
    plane.accepts = plane.takesSockets = true;
    plane.signedIn = { data: { whoami: {} } };
  });

  /** Runs one; `onTick` and `onPause` say what happens meanwhile, each told how often it came so far. */
  async function run(doing: { readonly onTick?: (time: number) => unknown; readonly onPause?: (time: number) => unknown; readonly query?: string } = {}) {
    const notes: string[] = [];
    const pauses: number[] = [];
    const seen: number[] = [];
    const session = { url: plane.url, token: 'sp_usr_secret', organisation: undefined };
    const context = { session, note: (text: string) => notes.push(text), admin: () => new AdminClient(session) } as unknown as CommandContext;
    const cut: boolean[] = [];
    const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
      pauses.push(ms);
      await doing.onPause?.(pauses.length);
      cut.push(signal.aborted);
    };
    const ended = subscribe<{ ticks: number }>(context, { query: doing.query ?? 'subscription { ticks }', variables: {}, retries: 3, pause }, ({ ticks }) => {
      seen.push(ticks);
      void doing.onTick?.(seen.length);
    });
    const outcome = await ended.then((interrupted) => ({ interrupted }), (thrown: unknown) => ({ exit: exitForThrown(thrown), sentence: (thrown as Error).message.replace(plane.url, 'URL') }));
    return { ...outcome, notes, pauses, cut, count: seen.length };
  }

  it('of nobody who answers is told as any command is, at once', async () => {
    await plane.open();
    await plane.away();
    expect(await run()).toMatchObject({ exit: 9, sentence: 'Nothing answers at URL: is Sallyport running there?', pauses: [] });
  });

  it('with a token that is not accepted is told as any command is, at once', async () => {
    plane.signedIn = NOBODY;
    await plane.open();
    expect(await run()).toMatchObject({ exit: 6, sentence: 'Sign in.', pauses: [] });
  });

  it('behind a proxy that lets no WebSocket through says so, at once', async () => {
    plane.takesSockets = false;
    await plane.open();
    expect(await run()).toMatchObject({ exit: 1, sentence: 'URL takes no WebSocket connections: does a proxy in front of it let them through?', pauses: [] });
  });

  it('that is refused is told in the server’s words', async () => {
    await plane.open();
    expect(await run({ query: 'subscription { tocks }' })).toMatchObject({ exit: 1, sentence: expect.stringContaining('tocks') as string, pauses: [] });
  });

  it('goes on after a restart, however often nobody answers meanwhile', async () => {
    await plane.open();
    const gone = { onTick: (time: number) => (time === 1 ? plane.away() : process.emit('SIGTERM')), onPause: (time: number) => (time === 3 ? plane.open() : undefined) };
    expect(await run(gone)).toMatchObject({ interrupted: true, count: 2, pauses: [1_000, 2_000, 4_000], notes: Array.from({ length: 3 }, () => 'The connection was lost; connecting again.') });
  });

  it('whose server stays away is told as lost', async () => {
    await plane.open();
    expect(await run({ onTick: () => plane.away() })).toMatchObject({ exit: 9, sentence: 'The connection to URL was lost and could not be made again.', count: 1, pauses: [1_000, 2_000, 4_000] });
  });

  it('whose token is no longer accepted does not try again', async () => {
    await plane.open();
    const refusing = async (): Promise<void> => {
      await plane.away();
      plane.accepts = false;
      await plane.open();
    };
    expect(await run({ onTick: refusing })).toMatchObject({ exit: 6, sentence: 'The control plane at URL no longer accepts the token.', count: 1, pauses: [1_000] });
  });

  it('ends when it is interrupted while it waits to connect again', async () => {
    await plane.open();
    expect(await run({ onTick: () => plane.away(), onPause: () => process.emit('SIGTERM') })).toMatchObject({ interrupted: true, count: 1, pauses: [1_000], cut: [true] });
  });
});
