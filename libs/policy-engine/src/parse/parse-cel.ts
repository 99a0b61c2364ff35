import type { JsonValue } from '@sallyport/kernel';

import type { CelCondition } from '../document.js';
import { textOf, type DocumentPlace } from './shape.js';

const MAX_EXPRESSION = 1_000;

/** Parses and checks a CEL condition. */
export function parseCel(value: JsonValue, place: DocumentPlace): CelCondition | undefined {
  const source = textOf(value, place, MAX_EXPRESSION);
  if (source === undefined) return undefined;
  const refusal = place.budget.refusalOfCel(source);
  if (refusal !== undefined) place.findings.add('bad_cel', place.pointer, refusal);
  return { kind: 'cel', source };
}
