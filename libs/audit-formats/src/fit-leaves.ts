import type { LeafText } from './event-leaves.js';

/** What goes first where a text has no room for all leaves, in this order. Then go the remaining leaves from the end of the catalogue, but for those of `KEPT`. */
export const DROPPED_FIRST: readonly string[] = [
  '/request/args_excerpt',
  '/decision/obligations',
  '/decision/flow_before',
  '/decision/flow_after',
  '/admin/patch',
  '/request/argument_keys',
  '/response/redactions',
  '/request/redactions',
  '/decision/limits',
];

/** What is never left out: with it the event can be found, and what was left out be proven. */
export const KEPT: ReadonlySet<string> = new Set(['/schema', '/event_id', '/seq', '/time', '/integrity/alg', '/integrity/canon', '/integrity/prev_hash', '/integrity/hash', '/integrity/key_epoch']);

/** Most octets of an event in a format of keys and values. */
export const MAX_KEYED_OCTETS = 7_500;

/** The leaves that have room, and JSON Pointers of those that have not. */
export interface FittedLeaves {
  readonly leaves: readonly LeafText[];
  readonly truncated: readonly string[];
}

/** Leaves out as few leaves as it takes to need at most `room` octets; `octets` says how many one of them takes. The list of those left out counts too. */
export function fitLeaves(leaves: readonly LeafText[], room: number, octets: (leaf: LeafText) => number): FittedLeaves {
  let needed = leaves.reduce((sum, leaf) => sum + octets(leaf), 0);
  if (needed <= room) return { leaves, truncated: [] };
  needed += TRUNCATED_OCTETS;
  const dropped = new Set<LeafText>();
  for (const leaf of dropOrder(leaves)) {
    if (needed <= room) break;
    dropped.add(leaf);
    needed += leaf.leaf.pointer.length + 1 - octets(leaf);
  }
  return { leaves: leaves.filter((leaf) => !dropped.has(leaf)), truncated: [...dropped].map(({ leaf }) => leaf.pointer) };
}

function dropOrder(leaves: readonly LeafText[]): readonly LeafText[] {
  const first = DROPPED_FIRST.flatMap((pointer) => leaves.filter(({ leaf }) => leaf.pointer === pointer));
  const others = leaves.filter(({ leaf }) => !DROPPED_FIRST.includes(leaf.pointer) && !KEPT.has(leaf.pointer)).toReversed();
  return [...first, ...others];
}

/** The key that names what was left out: pointers, separated by commas. */
export const TRUNCATED_KEY = 'sallyportTruncated';
const TRUNCATED_OCTETS = TRUNCATED_KEY.length + 2;
