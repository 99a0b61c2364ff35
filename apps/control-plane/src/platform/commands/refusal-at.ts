import type { CommandRefusal } from '@sallyport/control-domain';

import type { Refusal } from './refusal.js';

/** The sentence for each code of a decider that says itself where the command is wrong. */
export type RefusalSentences<Code extends string> = { readonly [Each in Code]: string };

/** A decider's refusal, with its sentence and its place, as a `Refusal`. */
export function refusalAt<Code extends string>(sentences: RefusalSentences<Code>, { code, pointer }: CommandRefusal<Code>): Refusal {
  const message = sentences[code];
  return pointer === '' ? { code, message } : { code, message, pointer };
}
