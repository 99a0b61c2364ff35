import type { JsonValue } from '@sallyport/kernel';

import { lookalikeOf } from './lookalike.js';
import { textOf, type Place } from './shape.js';

const MAX_NAME = 256;

/** Parses a tool's name or a glob. A name that looks like another one, written with other letters, is refused: it would bind nothing. */
export function parseToolName(value: JsonValue, place: Place): string | undefined {
  const name = textOf(value, place, MAX_NAME);
  const lookalike = name === undefined ? undefined : lookalikeOf(name);
  if (lookalike === undefined) return name;
  const message =
    lookalike === '' ? 'This name holds characters that cannot be seen.' : `This name is written with letters that look like those of "${lookalike}", and names another tool.`;
  place.findings.add('bad_name', place.pointer, message, lookalike === '' ? 'Write it without them.' : `Write "${lookalike}" if you mean that.`);
  return undefined;
}
