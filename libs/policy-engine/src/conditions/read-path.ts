import { isJsonObject, type JsonValue } from '@sallyport/kernel';

import type { Path, PathStep } from '../document.js';
import type { ToolCall } from '../verdict.js';
import { dateOf, hourOf, weekdayOf } from './utc-time.js';

/** Reads the one value a path names; `undefined` where there is none. */
export type ReadOne = (call: ToolCall) => JsonValue | undefined;
/** Reads every value a path with `[*]` names; an element that lacks the rest of the path reads as `undefined`. */
export type ReadEach = (call: ToolCall) => readonly (JsonValue | undefined)[];

const ROOTS: Readonly<Record<Path['root'], ReadOne>> = {
  args: (call) => call.args,
  'identity.id': (call) => call.identity.id,
  'identity.kind': (call) => call.identity.kind,
  'identity.name': (call) => call.identity.name,
  'identity.labels': (call) => call.identity.labels,
  'grant.id': (call) => call.grant.id,
  'grant.labels': (call) => call.grant.labels,
  'server.slug': (call) => call.server.slug,
  'tool.name': (call) => call.tool,
  'client.name': (call) => call.client.name ?? undefined,
  'time.hour': (call) => hourOf(call.atMs),
  'time.weekday': (call) => weekdayOf(call.atMs),
  'time.date': (call) => dateOf(call.atMs),
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
export function compileReadOne(path: Path): ReadOne {
  const root = ROOTS[path.root];
  if (path.steps.length === 0) return root;
  const steps = path.steps.map(interned);
  return (call) => {
    let value = root(call);
    for (let index = 0; index < steps.length && value !== undefined; index += 1) value = follow(value, steps[index] ?? NOWHERE);
    return value;
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
export function compileReadEach(path: Path): ReadEach {
  const root = ROOTS[path.root];
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
