import type { StoredEvent } from '@sallyport/audit-event';
import type { JsonValue } from '@sallyport/kernel';

import type { SettingProblem } from './sink-type.js';

/** Which events of the stream go to a sink. An empty list lets everything through. */
export interface SinkFilter {
  /** Types, `call.decided`, or all that begin alike, `call.*`. */
  readonly types: readonly string[];
  /** Outcomes, such as `denied`. An event without an outcome passes only where this is empty. */
  readonly outcomes: readonly string[];
}

/** Lets everything through. */
export const EVERYTHING: SinkFilter = { types: [], outcomes: [] };

const PATTERN = /^(?:[a-z_]+(?:\.[a-z_]+)*(?:\.\*)?|\*)$/;
const OUTCOME = /^[a-z_]{1,40}$/;
const MOST = 64;

/** What is wrong with a filter that a person wrote; empty when it can be used. */
export function filterProblems(filter: SinkFilter): readonly SettingProblem[] {
  return [
    ...wrong('types', filter.types, (type) => type.length <= 64 && PATTERN.test(type), 'Write a type of event such as call.decided, or call.* for all that begin so.'),
    ...wrong('outcomes', filter.outcomes, (outcome) => OUTCOME.test(outcome), 'Write an outcome such as denied.'),
  ];
}

/** Whether the filter lets an event through, as a function for many events. */
export function letsThrough(filter: SinkFilter): (event: Pick<StoredEvent, 'type' | 'outcome'>) => boolean {
  const exact = new Set(filter.types.filter((type) => !type.endsWith('*')));
  const prefixes = filter.types.filter((type) => type.endsWith('*')).map((type) => type.slice(0, -1));
  const outcomes = new Set(filter.outcomes);
  const ofType = (type: string): boolean => filter.types.length === 0 || exact.has(type) || prefixes.some((prefix) => type.startsWith(prefix));
  return ({ type, outcome }) => ofType(type) && (outcomes.size === 0 || (outcome !== null && outcomes.has(outcome)));
}

function wrong(member: string, written: readonly string[], fits: (text: string) => boolean, message: string): readonly SettingProblem[] {
  if (written.length > MOST) return [{ pointer: `/${member}`, message: `Write at most ${MOST}.` }];
  return written.flatMap((text: JsonValue, at) => (typeof text === 'string' && fits(text) ? [] : [{ pointer: `/${member}/${at}`, message }]));
}
