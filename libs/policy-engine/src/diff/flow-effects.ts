import { DEFAULT_FLOW_SECONDS, type Flow, type FlowMatch } from '../document.js';
import { compileGlob, isGlob } from '../visibility.js';
import { callKey } from './canonical-part.js';

/** One class of calls that is not made of others: of every list at most one member. */
interface Atom {
  readonly match: FlowMatch;
  readonly key: string;
  /** How much it means: seconds of a mark, or how far a call is refused. */
  readonly weight: number;
}

/** Beyond so many classes a match is taken as it is written. */
const MOST_ATOMS = 200;
const NEEDS_APPROVAL = 1;
const IS_DENIED = 2;

/**
 * What flows do with one mark, as a text that is the same for flows that do the same: which calls leave it and for how long,
 * whether allowed calls renew it, and which calls it denies. Flows of one mark work together, in whatever order and however their lists
 * are split among them; a class within another, or written twice, adds nothing.
 */
export function flowEffects(flows: readonly Flow[]): ReadonlyMap<string, string> {
  const byMark = new Map<string, Flow[]>();
  for (const flow of flows) byMark.set(flow.marks, [...(byMark.get(flow.marks) ?? []), flow]);
  return new Map([...byMark].map(([mark, of]) => [mark, effectsOf(of)]));
}

function effectsOf(flows: readonly Flow[]): string {
  const leaves = flows.flatMap(({ after, within }) => atomsOf(after, within === 'session' ? DEFAULT_FLOW_SECONDS : within));
  const denies = flows.flatMap(({ deny, unless }) => atomsOf(deny, unless === 'approval' ? NEEDS_APPROVAL : IS_DENIED));
  return JSON.stringify([flows.some(({ within }) => within === 'session'), keysOf(leaves), keysOf(denies)]);
}

/** Those that no other covers, each once, in one order. */
function keysOf(atoms: readonly Atom[]): readonly string[] {
  const each = [...new Map(atoms.map((atom) => [`${atom.weight} ${atom.key}`, atom])).values()];
  const kept = each.length > MOST_ATOMS ? each : each.filter((atom) => !each.some((other) => other !== atom && covers(other, atom)));
  return kept.map(({ key, weight }) => `${weight} ${key}`).sort();
}

function atomsOf(match: FlowMatch, weight: number): readonly Atom[] {
  const { category, risk, name, server, annotations } = match;
  const named = name?.some((each) => /^\*+$/.test(each)) === true ? undefined : name;
  let ones: readonly FlowMatch[] = [annotations === undefined ? {} : { annotations }];
  for (const [field, list] of Object.entries({ category, risk, name: named, server })) {
    if (list === undefined) continue;
    if (ones.length * list.length > MOST_ATOMS) return [{ match, key: callKey(match), weight }];
    ones = ones.flatMap((one) => list.map((member) => ({ ...one, [field]: [member] })));
  }
  return ones.map((one) => ({ match: one, key: callKey(one), weight }));
}

/** Whether every call of one class is of the other, which means at least as much. */
function covers(wide: Atom, narrow: Atom): boolean {
  return (
    wide.weight >= narrow.weight &&
    has(wide.match.category, narrow.match.category) &&
    has(wide.match.risk, narrow.match.risk) &&
    has(wide.match.server, narrow.match.server) &&
    hasName(wide.match.name?.[0], narrow.match.name?.[0]) &&
    Object.entries(wide.match.annotations ?? {}).every(([hint, value]) => narrow.match.annotations !== undefined && Object.hasOwn(narrow.match.annotations, hint) && narrow.match.annotations[hint] === value)
  );
}

function has(wide: readonly string[] | undefined, narrow: readonly string[] | undefined): boolean {
  return wide === undefined || (narrow !== undefined && wide.length === narrow.length && wide.every((each) => narrow.includes(each)));
}

function hasName(wide: string | undefined, narrow: string | undefined): boolean {
  if (wide === undefined || wide === narrow) return true;
  return narrow !== undefined && !isGlob(narrow) && isGlob(wide) && compileGlob(wide)(narrow);
}
