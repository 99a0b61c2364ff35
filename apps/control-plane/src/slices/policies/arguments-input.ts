import { isJsonObject, type JsonObject } from '@sallyport/kernel';
import { readJson } from '@sallyport/mcp-protocol';

import type { Refusal } from '../../platform/commands/refusal.js';

/** What is answered where they cannot be read. */
export const BAD_ARGUMENTS: Refusal = { code: 'policy.args_invalid', message: 'Arguments are one JSON object without repeated keys.', pointer: '/args' };

/** A call's arguments, given as JSON text of an object or as an object; numbers of a text stay exact. */
export function argumentsFrom(input: unknown): JsonObject | undefined {
  const text = typeof input === 'string' ? input : JSON.stringify(input ?? {});
  const read = readJson(Buffer.from(text, 'utf8'));
  return read.ok && isJsonObject(read.value) ? read.value : undefined;
}
