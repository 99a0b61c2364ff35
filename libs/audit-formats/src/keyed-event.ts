import { type AuditEvent, cutText } from '@sallyport/audit-event';
import { refuse, type Result } from '@sallyport/kernel';

import { type DecodedEvent, eventOfValue, type FormatProblem } from './decoded-event.js';
import { octetsOf } from './escape-value.js';
import { eventOfLeaves, LEAVES, leavesOf, type LeafText } from './event-leaves.js';
import { fitLeaves, TRUNCATED_KEY } from './fit-leaves.js';

/** A key and its value as it is meant, without escapes. */
export type Pair = readonly [key: string, value: string];

/** How keys and values are written. */
export interface KeyedForm {
  /** What the format has keys of its own for: said once more beside the leaves, and the first to go. */
  readonly own: readonly Pair[];
  readonly escape: (value: string) => string;
  /** Octets there are. */
  readonly room: number;
  /** One octet. */
  readonly delimiter: string;
}

/** The format's own pairs and every leaf of the event as `sallyport<Path>`; where there is no room for all, the leaves that `fitLeaves` leaves. */
export function keyedText(event: AuditEvent, { own, escape, room, delimiter }: KeyedForm): string {
  const written = ([key, value]: Pair) => `${key}=${escape(value)}`;
  const leaves = leavesOf(event);
  const all = [...own, ...leaves.map(({ leaf, text }): Pair => [leaf.key, text])].map(written).join(delimiter);
  if (octetsOf(all) <= room) return all;
  const fitted = fitLeaves(leaves, room, ({ leaf, text }) => octetsOf(written([leaf.key, text])) + 1);
  const pairs = fitted.leaves.map(({ leaf, text }) => written([leaf.key, text]));
  if (fitted.truncated.length > 0) pairs.push(`${TRUNCATED_KEY}=${fitted.truncated.join(',')}`);
  return pairs.join(delimiter);
}

/** The pair of a text `key=value`. */
export function pairOf(text: string, unescaped: (value: string) => string): Pair {
  const at = text.indexOf('=');
  return [text.slice(0, at), unescaped(text.slice(at + 1))];
}

/** A value beside the leaves, for a receiver's own fields: what is longer stands in its leaf. */
export function shortValue(text: string): string {
  return cutText(text, 255);
}

/** The event of keys and values; keys that are not `sallyport<Path>` are a receiver's own and are not read. */
export function eventOfPairs(pairs: readonly Pair[]): Result<DecodedEvent, FormatProblem> {
  const values = new Map(pairs);
  const leaves = LEAVES.flatMap((leaf): readonly LeafText[] => {
    const text = values.get(leaf.key);
    return text === undefined ? [] : [{ leaf, text }];
  });
  if (leaves.length === 0) return refuse({ message: 'The text has no field of an audit event.' });
  return eventOfValue(eventOfLeaves(leaves), values.get(TRUNCATED_KEY)?.split(',') ?? []);
}
