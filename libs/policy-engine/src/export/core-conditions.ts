import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { inside, type Place } from '../parse/shape.js';

/** Which list an element stands in: what its groups of conditions may become differs. */
export type CoreElement = 'require' | 'deny_if';

/** Conditions joined by AND. */
type Conjunction = readonly JsonObject[];

const CORE_OPS: readonly JsonValue[] = ['eq', 'neq', 'in', 'not_in', 'lt', 'lte', 'gt', 'gte', 'exists', 'regex', 'contains'];
const CORE_PATH = /^args\.[^.[\]]+(?:\.[^.[\]]+)*$/;
/** Operators whose negation is an operator: both are unknown for the same values. */
const OPPOSITES: Readonly<Record<string, string>> = { eq: 'neq', neq: 'eq', in: 'not_in', not_in: 'in', lt: 'gte', gte: 'lt', gt: 'lte', lte: 'gt' };
const MOST_ELEMENTS = 100;

/**
 * The conditions of one element in the core form, as the elements it becomes. In `deny_if`, alternatives become elements of
 * their own, since any of them denies. In `require`, each part of an `all` becomes one, since all of them must hold.
 *
 * What is not known stays so: an alternative that is not known does not match, like the group it came from.
 */
export function coreConditions(conditions: readonly JsonValue[], place: Place, kind: CoreElement): readonly Conjunction[] {
  let alternatives: readonly Conjunction[] = [[]];
  for (const [index, condition] of conditions.entries()) {
    const own = alternativesOf(condition, { place: inside(place, index), isNegated: false });
    if (own === undefined) return [];
    if (kind === 'require' && own.length !== 1) return cannot(inside(place, index), 'The core form has no alternatives in a requirement.') ?? [];
    alternatives = alternatives.flatMap((left) => own.map((right) => [...left, ...right]));
    if (alternatives.length > MOST_ELEMENTS) return cannot(place, `Written out, these conditions are more than ${MOST_ELEMENTS} elements.`) ?? [];
  }
  return alternatives;
}

interface At {
  readonly place: Place;
  readonly isNegated: boolean;
}

/** A condition as a disjunction of conjunctions; undefined where it is reported that there is none. */
function alternativesOf(value: JsonValue, at: At): readonly Conjunction[] | undefined {
  const condition = isJsonObject(value) ? value : {};
  const { any, all, not, cel } = condition;
  if (not !== undefined) return alternativesOf(not, { place: inside(at.place, 'not'), isNegated: !at.isNegated });
  if (Array.isArray(any)) return group(any as readonly JsonValue[], inside(at.place, 'any'), { isNegated: at.isNegated, isChoice: !at.isNegated });
  if (Array.isArray(all)) return group(all as readonly JsonValue[], inside(at.place, 'all'), { isNegated: at.isNegated, isChoice: at.isNegated });
  if (cel !== undefined) return cannot(inside(at.place, 'cel'), 'The core form has no CEL.');
  const leaf = leafOf(condition, at);
  return leaf === undefined ? undefined : [[leaf]];
}

function group(list: readonly JsonValue[], place: Place, how: { readonly isNegated: boolean; readonly isChoice: boolean }): readonly Conjunction[] | undefined {
  const parts: (readonly Conjunction[])[] = [];
  for (const [index, each] of list.entries()) {
    const part = alternativesOf(each, { place: inside(place, index), isNegated: how.isNegated });
    if (part === undefined) return undefined;
    parts.push(part);
  }
  if (how.isChoice) return parts.flat();
  let joined: readonly Conjunction[] = [[]];
  for (const part of parts) {
    joined = joined.flatMap((left) => part.map((right) => [...left, ...right]));
    if (joined.length > MOST_ELEMENTS) return cannot(place, `Written out, these conditions are more than ${MOST_ELEMENTS} elements.`);
  }
  return joined;
}

function leafOf(condition: JsonObject, { place, isNegated }: At): JsonObject | undefined {
  const { path, op, value } = condition;
  if (typeof path !== 'string' || !CORE_PATH.test(path)) return cannot(inside(place, 'path'), 'The core form has paths to arguments only: args.<name>, args.<name>.<name>.');
  if (!CORE_OPS.includes(op ?? null)) return cannot(inside(place, 'op'), `The core form has the operators ${CORE_OPS.join(', ')}.`);
  if (!isNegated) return condition;
  if (op === 'exists') return { path, op, value: value !== true };
  const opposite = OPPOSITES[String(op)];
  return opposite === undefined ? cannot(inside(place, 'op'), 'The core form cannot say the opposite of this condition.') : { path, op: opposite, value };
}

function cannot(place: Place, message: string): undefined {
  place.findings.add('not_exact', place.pointer, message);
  return undefined;
}
