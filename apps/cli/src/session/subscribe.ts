import { setTimeout as delay } from 'node:timers/promises';

import { ReadWhoamiDocument } from '@sallyport/graphql-contract';
import { CloseCode, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

import { cliFault } from '../cli-faults.js';
import type { CommandContext } from './command-context.js';

/** A subscription over graphql-ws. */
export interface Subscribing {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  /** How often in a row to connect again after a lost connection; only where missing some deliveries is no harm. */
  readonly retries: number;
  /** Waits before each of them; ends early when `signal` says so. For tests. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const FIRST_PAUSE_MS = 1_000;

/**
 * Reads a subscription until the server ends it or the process is interrupted, which ends it at the server too.
 *
 * @returns Whether it was interrupted.
 * @throws {Fault} What `AdminClient.run` throws of an address or a token that is wrong; later `cli.not_signed_in` for a token that is no
 *   longer accepted, `cli.connection_lost`, and `cli.call_failed` for what the server refused.
 */
export async function subscribe<Answer>(context: CommandContext, { query, variables, retries, pause = paused }: Subscribing, seen: (answer: Answer) => void): Promise<boolean> {
  const { url, token, organisation } = context.session;
  await context.admin().run(ReadWhoamiDocument, {});
  const address = new URL('/graphql', url);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const connectionParams = { authorization: `Bearer ${token ?? ''}`, ...(organisation === undefined ? {} : { 'sallyport-organisation': organisation }) };
  const interruption = new AbortController();
  let wasConnected = false;
  const client = createClient({
    url: address.href,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: retries,
    retryWait: (before) => pause(FIRST_PAUSE_MS * 2 ** before, interruption.signal),
    shouldRetry: (failure) => wasConnected && closeCodeOf(failure) !== CloseCode.Forbidden,
    on: {
      connected: () => (wasConnected = true),
      connecting: (isRetry) => isRetry && context.note('The connection was lost; connecting again.'),
    },
  });
  const interrupt = (): void => {
    interruption.abort();
    void client.dispose();
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    await streamed(client, { query, variables }, seen);
  } catch (caught) {
    if (!interruption.signal.aborted) throw faultOf(caught, url, wasConnected);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    await client.dispose();
  }
  return interruption.signal.aborted;
}

async function paused(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined); // interrupted: there is nothing to wait for
}

function streamed<Answer>(client: ReturnType<typeof createClient>, payload: { query: string; variables: Record<string, unknown> }, seen: (answer: Answer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    client.subscribe<Answer>(payload, {
      next: ({ data, errors }) => {
        if (errors !== undefined) reject(errors);
        else if (data !== null && data !== undefined) seen(data);
      },
      error: reject,
      complete: resolve,
    });
  });
}

/** @param failure Errors of GraphQL, or how the connection ended. */
function faultOf(failure: unknown, url: string, wasConnected: boolean): Error {
  if (Array.isArray(failure)) return cliFault.call_failed((failure as readonly { readonly message: string }[])[0]?.message ?? 'The stream was refused.');
  if (closeCodeOf(failure) === CloseCode.Forbidden) return cliFault.not_signed_in(`The control plane at ${url} no longer accepts the token.`);
  if (wasConnected) return cliFault.connection_lost(`The connection to ${url} was lost and could not be made again.`);
  return cliFault.call_failed(`${url} takes no WebSocket connections: does a proxy in front of it let them through?`);
}

function closeCodeOf(failure: unknown): number | undefined {
  return typeof failure === 'object' && failure !== null && 'code' in failure && typeof failure.code === 'number' ? failure.code : undefined;
}
