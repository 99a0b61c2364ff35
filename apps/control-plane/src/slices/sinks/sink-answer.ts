import type { JsonObject, Result } from '@sallyport/kernel';

import type { Committed } from '../../platform/commands/command-runner.js';
import type { Refusal } from '../../platform/commands/refusal.js';
import { mutationAnswer } from '../../platform/graphql/mutation-answer.js';

/** What a mutation of sinks answers: as every mutation, with settings that are not accepted as a member of their own. */
export async function sinkAnswer<Ids extends JsonObject, Payload extends object>(
  typename: string,
  result: Result<Committed<Ids>, Refusal>,
  build: (committed: Committed<Ids>) => Promise<Payload>,
) {
  if (!result.ok && 'problems' in result.refusal) return { __typename: 'SinkRejected', ...result.refusal };
  return mutationAnswer(typename, result, build);
}
