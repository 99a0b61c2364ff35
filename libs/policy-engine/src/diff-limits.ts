import { compareDecimals, formatDecimal } from '@sallyport/kernel';

import type { Limit } from './document.js';
import type { ElementChange } from './diff-elements.js';
import { limitSettings, sayScope } from './limits/limit-settings.js';
import { sayWindow } from './limits/window.js';

interface Placed {
  readonly limit: Limit;
  readonly index: number;
}

/** Compares the limits of one rule by their counters. */
export function diffLimits(before: readonly Limit[], after: readonly Limit[]): readonly ElementChange[] {
  const old = byCounter(before);
  const now = byCounter(after);
  const changes = [...now].flatMap(([counter, placed]) => limitChange(placed, old.get(counter)));
  const gone = [...old].filter(([counter]) => !now.has(counter));
  return [...changes, ...gone.map(([, { limit, index }]) => change('loosened', 'before', index, `Limit "${limit.counter}" of ${say(limit)} is gone.`))];
}

function byCounter(limits: readonly Limit[]): ReadonlyMap<string, Placed> {
  const map = new Map<string, Placed>();
  for (const [index, limit] of limits.entries()) if (!map.has(limit.counter)) map.set(limit.counter, { limit, index });
  return map;
}

function limitChange({ limit, index }: Placed, old: Placed | undefined): readonly ElementChange[] {
  if (old === undefined) return [change('tightened', 'after', index, `Limit "${limit.counter}" now allows ${say(limit)}.`)];
  const was = old.limit;
  if (limitSettings(was) === limitSettings(limit)) {
    return was.onDeny === limit.onDeny ? [] : [change('changed', 'after', index, `The message of limit "${limit.counter}" is another.`)];
  }
  const sentence = `Limit "${limit.counter}" allows ${say(limit)}, instead of ${say(was)}.`;
  const onlyMax = limitSettings({ ...was, max: limit.max }) === limitSettings(limit);
  if (!onlyMax) return [change('changed', 'after', index, sentence)];
  return [change(compareDecimals(limit.max, was.max) < 0 ? 'tightened' : 'loosened', 'after', index, sentence)];
}

function change(kind: ElementChange['kind'], where: ElementChange['in'], index: number, sentence: string): ElementChange {
  return { kind, index, in: where, sentence };
}

function say(limit: Limit): string {
  const what = limit.incrementFrom === undefined ? 'calls' : `of ${limit.incrementFrom.text}`;
  return `${formatDecimal(limit.max)} ${what} ${sayWindow(limit.window, limit.algorithm)} for each ${sayScope(limit.scope)}`;
}
