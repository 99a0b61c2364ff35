import type { JsonObject } from '@sallyport/kernel';

import { actorOf, type Caller } from '../identity/caller.js';
import type { Command, WaitFor } from './command.js';

/** What every mutation's input may carry. */
export interface Asked {
  readonly idempotencyKey?: string | null | undefined;
  readonly waitFor?: WaitFor | null | undefined;
}

/**
 * A mutation's input as the command it asks for.
 *
 * @param name The mutation's name.
 */
export function askedCommand(name: string, input: Asked, caller: Caller): Command {
  const { idempotencyKey, waitFor, ...asked } = input;
  const plain: JsonObject = JSON.parse(JSON.stringify(asked));
  return { organisationId: caller.organisationId, actor: actorOf(caller), name, input: plain, idempotencyKey, waitFor };
}
