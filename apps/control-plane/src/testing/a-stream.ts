import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';

/** A client for subscriptions, as other programs use one. `token` goes where browsers can put it. */
export function aStreamClient(url: string, token: string, params: Readonly<Record<string, string>> = {}): Client {
  return createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}`, ...params },
    retryAttempts: 0,
    lazy: true,
  });
}

/** Subscribes when the first `next` is called; an iterator of what the stream brings. */
export function subscribe(client: Client, query: string, variables: Readonly<Record<string, unknown>> = {}): ReturnType<Client['iterate']> {
  return client.iterate({ query, variables: { ...variables } });
}
