import { timingSafeEqual } from 'node:crypto';

import type { HttpAnswer } from './http-client.js';
import { jsonAnswer } from './json-answer.js';

/** Whether an answer says a challenge back: as its whole text, or as `challenge` of a JSON object. */
export function echoes(answer: HttpAnswer, token: string): boolean {
  if (!answer.complete) return false;
  const said = jsonAnswer(answer)?.['challenge'] ?? answer.body.toString('utf8').trim();
  return typeof said === 'string' && isSame(Buffer.from(said), Buffer.from(token));
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
