import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

import { cliFault } from '../cli-faults.js';
import type { CommandContext } from './command-context.js';

/** A subscription over graphql-ws. */
export interface Subscribing {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  /** How often to connect again after a lost connection; only where missing some deliveries is no harm. */
  readonly retries: number;
}

/**
 * Reads a subscription until the server ends it or the process is interrupted, which ends it at the server too.
 *
 * @returns Whether it was interrupted.
 * @throws {Fault} `cli.not_signed_in`, and `cli.call_failed` for what the server refused or a lost connection.
 */
export async function subscribe<Answer>(context: CommandContext, { query, variables, retries }: Subscribing, seen: (answer: Answer) => void): Promise<boolean> {
  const { url, token, organisation } = context.session;
  context.admin();
  const address = new URL('/graphql', url);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const connectionParams = { authorization: `Bearer ${token ?? ''}`, ...(organisation === undefined ? {} : { 'sallyport-organisation': organisation }) };
  const client = createClient({ url: address.href, webSocketImpl: WebSocket, connectionParams, retryAttempts: retries });
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    void client.dispose();
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    await streamed(client, { query, variables }, seen);
  } catch (caught) {
    if (!interrupted) throw caught;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    await client.dispose();
  }
  return interrupted;
}

function streamed<Answer>(client: ReturnType<typeof createClient>, payload: { query: string; variables: Record<string, unknown> }, seen: (answer: Answer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    client.subscribe<Answer>(payload, {
      next: ({ data, errors }) => {
        if (errors !== undefined) reject(cliFault.call_failed(errors[0]?.message ?? 'The stream was refused.'));
        else if (data !== null && data !== undefined) seen(data);
      },
      error: (caught) => reject(cliFault.call_failed(sentenceOf(caught), {}, caught)),
      complete: resolve,
    });
  });
}

function sentenceOf(caught: unknown): string {
  const [first] = Array.isArray(caught) ? (caught as readonly { readonly message?: unknown }[]) : [];
  return typeof first?.message === 'string' ? first.message : 'The stream was refused or lost: check the token with sallyport whoami.';
}
