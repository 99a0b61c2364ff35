import type { JsonObject, Result } from '@sallyport/kernel';

import type { Committed } from '../commands/command-runner.js';
import type { Refusal } from '../commands/refusal.js';

/** A member of a mutation's union, marked for GraphQL. */
export type Answer<Payload> = (Payload & { readonly __typename: string }) | (Refusal & { readonly __typename: 'Refusal' });

/**
 * What a mutation answers: its payload with revision and enforcement, or the refusal.
 *
 * @param typename The payload's name in the schema.
 * @param build    Reads what the payload shows besides; runs after the commit.
 */
export async function mutationAnswer<Ids extends JsonObject, Payload extends object>(
  typename: string,
  result: Result<Committed<Ids>, Refusal>,
  build: (committed: Committed<Ids>) => Promise<Payload>,
): Promise<Answer<Payload & { revision: number; enforcement: Committed<Ids>['enforcement'] }>> {
  if (!result.ok) return { __typename: 'Refusal', ...result.refusal };
  const { revision, enforcement } = result.value;
  return { __typename: typename, ...(await build(result.value)), revision, enforcement };
}
