import { DEFAULT_FLOW_SECONDS, type Flow, type FlowMatch } from '../document.js';
import { callKey } from './canonical-part.js';
import { GlobOrder } from './glob-classes.js';

/** One class of calls that is not made of others: of every list at most one member. */
interface Atom {
  readonly match: FlowMatch;
  readonly key: string;
  /** How much it means: seconds of a mark, or how far a call is refused. */
  readonly weight: number;
}

type ClassesWithin = (match: FlowMatch) => readonly FlowMatch[];

/** Beyond so many classes a match is taken as it is written. */
const MOST_ATOMS = 200;
const NEEDS_APPROVAL = 1;
const IS_DENIED = 2;

/**
 * What flows do with one mark, as a text that is the same for flows that do the same: which calls leave it and for how long,
 * whether allowed calls renew it, and which calls it denies. Flows of one mark work together, in whatever order and however their lists
 * are split among them; a class within another, or written twice, adds nothing. A mark of which they do nothing is left out.
 *
 * @param globs Known of globs already; the same for effects that are compared.
 * @param within The classes to which a class comes down: none where no call of it passes the other rules.
 */
export function flowEffects(flows: readonly Flow[], globs = new GlobOrder(), within: ClassesWithin = (match) => [match]): ReadonlyMap<string, string> {
  const byMark = new Map<string, Flow[]>();
  for (const flow of flows) byMark.set(flow.marks, [...(byMark.get(flow.marks) ?? []), flow]);
  const effects = [...byMark].map(([mark, of]) => [mark, effectsOf(of, globs, within)] as const);
  return new Map(effects.filter(([, effect]) => effect !== NOTHING));
}

/** The classes that `flowEffects` asks for. */
export function flowClasses(flows: readonly Flow[]): readonly FlowMatch[] {
  return [ANY_CALL, ...flows.flatMap((flow) => [...leftBy(flow), ...deniedBy(flow)].map(({ match }) => match))];
}

const ANY_CALL: FlowMatch = {};
const NOTHING = JSON.stringify([[], [], []]);

function effectsOf(flows: readonly Flow[], globs: GlobOrder, within: ClassesWithin): string {
  const comeDown = (atoms: readonly Atom[]): readonly Atom[] => alone(atoms.flatMap(({ match, weight }) => within(match).map((one) => atomOf(one, weight))), globs);
  const denies = comeDown(flows.flatMap(deniedBy));
  const renewed = flows.some((flow) => flow.within === 'session') ? comeDown([atomOf(ANY_CALL, IS_DENIED)]) : [];
  const renews = renewed.filter((one) => !denies.some((denied) => covers(denied, one, globs)));
  return JSON.stringify([comeDown(flows.flatMap(leftBy)), denies, renews].map((atoms) => atoms.map(({ key, weight }) => `${weight} ${key}`).sort()));
}

function leftBy({ after, within }: Flow): readonly Atom[] {
  return atomsOf(after, within === 'session' ? DEFAULT_FLOW_SECONDS : within);
}

function deniedBy({ deny, unless }: Flow): readonly Atom[] {
  return atomsOf(deny, unless === 'approval' ? NEEDS_APPROVAL : IS_DENIED);
}

/** Those that no other covers, each once. */
function alone(atoms: readonly Atom[], globs: GlobOrder): readonly Atom[] {
  const each = [...new Map(atoms.map((atom) => [`${atom.weight} ${atom.key}`, atom])).values()];
  return each.length > MOST_ATOMS ? each : each.filter((atom) => !each.some((other) => other !== atom && covers(other, atom, globs)));
}

function atomsOf(match: FlowMatch, weight: number): readonly Atom[] {
  const { category, risk, name, server, annotations } = match;
  const named = name?.some((each) => /^\*+$/.test(each)) === true ? undefined : name;
  let ones: readonly FlowMatch[] = [annotations === undefined ? {} : { annotations }];
  for (const [field, list] of Object.entries({ category, risk, name: named, server })) {
    if (list === undefined) continue;
    if (ones.length * list.length > MOST_ATOMS) return [atomOf(match, weight)];
    ones = ones.flatMap((one) => list.map((member) => ({ ...one, [field]: [member] })));
  }
  return ones.map((one) => atomOf(one, weight));
}

function atomOf(match: FlowMatch, weight: number): Atom {
  return { match, key: callKey(match), weight };
}

/** Whether every call of one class is of the other, which means at least as much. */
function covers(wide: Atom, narrow: Atom, globs: GlobOrder): boolean {
  return (
    wide.weight >= narrow.weight &&
    has(wide.match.category, narrow.match.category) &&
    has(wide.match.risk, narrow.match.risk) &&
    has(wide.match.server, narrow.match.server) &&
    hasName(wide.match.name?.[0], narrow.match.name?.[0], globs) &&
    Object.entries(wide.match.annotations ?? {}).every(([hint, value]) => narrow.match.annotations !== undefined && Object.hasOwn(narrow.match.annotations, hint) && narrow.match.annotations[hint] === value)
  );
}

function has(wide: readonly string[] | undefined, narrow: readonly string[] | undefined): boolean {
  return wide === undefined || (narrow !== undefined && wide.length === narrow.length && wide.every((each) => narrow.includes(each)));
}

function hasName(wide: string | undefined, narrow: string | undefined, globs: GlobOrder): boolean {
  return wide === undefined || (narrow !== undefined && (wide === narrow || globs.isWithin(narrow, wide)));
}
