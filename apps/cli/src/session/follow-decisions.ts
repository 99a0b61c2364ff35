import { FollowDecisionsDocument, type DecisionFieldsFragment, type DecisionFilter } from '@sallyport/graphql-contract';

import type { CommandContext } from './command-context.js';
import { subscribe } from './subscribe.js';

interface StreamAnswer {
  readonly decisionStream: DecisionFieldsFragment;
}

const RETRIES = 5;

/**
 * Follows the decision stream until the server ends it or the process is interrupted; reconnects after a lost connection.
 *
 * @throws {Fault} As `subscribe`.
 */
export async function followDecisions(context: CommandContext, filter: DecisionFilter, seen: (decision: DecisionFieldsFragment) => void): Promise<void> {
  const query = FollowDecisionsDocument.toString();
  await subscribe<StreamAnswer>(context, { query, variables: { filter }, retries: RETRIES }, ({ decisionStream }) => seen(decisionStream));
}
