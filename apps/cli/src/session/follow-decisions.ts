import { FollowDecisionsDocument, type DecisionFieldsFragment, type DecisionFilter } from '@sallyport/graphql-contract';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

import { cliFault } from '../cli-faults.js';
import type { CommandContext } from './command-context.js';

interface StreamAnswer {
  readonly decisionStream: DecisionFieldsFragment;
}

/**
 * Follows the decision stream over graphql-ws until the server ends it or the process is interrupted; reconnects after
 * a lost connection.
 *
 * @throws {Fault} `cli.not_signed_in`, `admin_api.unreachable` and what the server refused.
 */
export async function followDecisions(context: CommandContext, filter: DecisionFilter, seen: (decision: DecisionFieldsFragment) => void): Promise<void> {
  const { url, token, organisation } = context.session;
  context.admin();
  const address = new URL('/graphql', url);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const connectionParams = { authorization: `Bearer ${token ?? ''}`, ...(organisation === undefined ? {} : { 'sallyport-organisation': organisation }) };
  const client = createClient({ url: address.href, webSocketImpl: WebSocket, connectionParams, retryAttempts: 5 });
  const interrupt = (): void => void client.dispose();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    await streamed(client, { query: FollowDecisionsDocument.toString(), variables: { filter } }, seen);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    await client.dispose();
  }
}

function streamed(client: ReturnType<typeof createClient>, payload: { query: string; variables: Record<string, unknown> }, seen: (decision: DecisionFieldsFragment) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    client.subscribe<StreamAnswer>(payload, {
      next: ({ data, errors }) => {
        if (errors !== undefined) reject(cliFault.call_failed(errors[0]?.message ?? 'The stream was refused.'));
        else if (data !== null && data !== undefined) seen(data.decisionStream);
      },
      error: (caught) => reject(cliFault.call_failed('The stream of decisions was refused or lost: check the token with sallyport whoami.', {}, caught)),
      complete: resolve,
    });
  });
}
