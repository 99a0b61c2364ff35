import type { JsonValue } from '@sallyport/kernel';

import type { CelCondition } from '../document.js';
import { textOf, type DocumentPlace } from './shape.js';

const MAX_EXPRESSION = 2_000;

/** Parses the text of a CEL condition. */
export function parseCel(value: JsonValue, place: DocumentPlace): CelCondition | undefined {
  const source = textOf(value, place, MAX_EXPRESSION);
  return source === undefined ? undefined : { kind: 'cel', source };
}
