import { isJsonObject, type JsonValue } from '@sallyport/kernel';

import type { Path, PathStep } from '../document.js';
import type { ToolCall } from '../verdict.js';
import type { Compilation } from './compilation.js';
import type { ZoneOffset } from './timezone.js';
import { dateOf, hourOf, weekdayOf } from './utc-time.js';

/** Reads the one value a path names; `undefined` where there is none. */
export type ReadOne = (call: ToolCall) => JsonValue | undefined;
/** Reads every value a path with `[*]` names; an element that lacks the rest of the path reads as `undefined`. */
export type ReadEach = (call: ToolCall) => readonly (JsonValue | undefined)[];

type FixedRoot = Exclude<Path['root'], 'time.hour' | 'time.weekday' | 'time.date'>;

const ROOTS: Readonly<Record<FixedRoot, ReadOne>> = {
  args: (call) => call.args,
  'identity.id': (call) => call.identity.id,
  'identity.kind': (call) => call.identity.kind,
  'identity.name': (call) => call.identity.name,
  'identity.labels': (call) => call.identity.labels,
  'identity.groups': (call) => call.identity.groups,
  'grant.id': (call) => call.grant.id,
  'grant.labels': (call) => call.grant.labels,
  'server.slug': (call) => call.server.slug,
  'tool.name': (call) => call.tool,
  'client.name': (call) => call.client.name ?? undefined,
  'tool.category': (call) => call.labels?.category ?? undefined,
  'tool.risk': (call) => call.labels?.risk ?? undefined,
  'tool.annotations': (call) => call.labels?.annotations,
  'session.calls': (call) => call.session.calls,
  result: (call) => call.result,
};
const NOWHERE: PathStep = { kind: 'each' };
const LIST_INDEX = /^(?:0|[1-9]\d*)$/;

/** Whether a path may name several values. */
export function namesSeveral(path: Path): boolean {
  return path.steps.some((step) => step.kind === 'each');
}

/**
 * The argument's name, where a path names just one argument and nothing every object inherits: then `call.args[name]`
 * reads the same as the reader below, in half the time.
 */
export function plainArgument(path: Path): string | undefined {
  const [first, second] = path.steps;
  if (path.root !== 'args' || first?.kind !== 'key' || second !== undefined || first.key in Object.prototype) return undefined;
  return internedText(first.key);
}

/** Prepares reading one value. Only an object's own members count, so no name reaches what the runtime put there. */
export function compileReadOne(path: Path, { zone }: Compilation): ReadOne {
  const root = rootOf(path.root, zone);
  if (path.steps.length === 0) return root;
  const steps = path.steps.map(interned);
  return (call) => {
    let value = root(call);
    for (let index = 0; index < steps.length && value !== undefined; index += 1) value = follow(value, steps[index] ?? NOWHERE);
    return value;
  };
}

function rootOf(root: Path['root'], zone: ZoneOffset): ReadOne {
  switch (root) {
    case 'time.hour':
      return localTime(zone, hourOf);
    case 'time.weekday':
      return localTime(zone, weekdayOf);
    case 'time.date':
      return localTime(zone, dateOf);
    default:
      return ROOTS[root];
  }
}

function localTime(zone: ZoneOffset, say: (localMs: number) => JsonValue | undefined): ReadOne {
  return (call) => {
    const offset = zone(call.atMs);
    return offset === undefined ? undefined : say(call.atMs + offset);
  };
}

/** Property names are looked up fastest as the very text the engine keeps for a property. */
function internedText(name: string): string {
  return Object.keys({ [name]: true })[0] ?? name;
}

function interned(step: PathStep): PathStep {
  return step.kind === 'key' ? { kind: 'key', key: internedText(step.key) } : step;
}

/** Prepares reading all the values a path with `[*]` names. */
export function compileReadEach(path: Path, { zone }: Compilation): ReadEach {
  const root = rootOf(path.root, zone);
  return (call) => path.steps.reduce<readonly (JsonValue | undefined)[]>(followEach, [root(call)]);
}

function followEach(values: readonly (JsonValue | undefined)[], step: PathStep): readonly (JsonValue | undefined)[] {
  if (step.kind !== 'each') return values.map((value) => follow(value, step));
  return values.flatMap((value): readonly (JsonValue | undefined)[] => (Array.isArray(value) ? value : [undefined]));
}

function follow(value: JsonValue | undefined, step: PathStep): JsonValue | undefined {
  switch (step.kind) {
    case 'key':
      return member(value, step.key);
    case 'index':
      return Array.isArray(value) ? element(value as readonly JsonValue[], step.index) : undefined;
    case 'token':
      if (!Array.isArray(value)) return member(value, step.token);
      return LIST_INDEX.test(step.token) ? element(value as readonly JsonValue[], Number(step.token)) : undefined;
    case 'each':
      return undefined;
  }
}

function member(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function element(list: readonly JsonValue[], index: number): JsonValue | undefined {
  return list[index];
}
