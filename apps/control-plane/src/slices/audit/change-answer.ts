import type { Result } from '@sallyport/kernel';

import type { Refusal } from '../../platform/commands/refusal.js';

/** A change of audit settings in GraphQL: the payload made of what came of it, or the refusal. */
export async function changeAnswer<Value, Payload extends object>(typename: string, result: Result<Value, Refusal>, build: (value: Value) => Promise<Payload>) {
  return result.ok ? { __typename: typename, ...(await build(result.value)) } : { __typename: 'Refusal', ...result.refusal };
}
