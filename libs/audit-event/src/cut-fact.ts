import type { AuditFact } from './audit-event.js';
import { cutText } from './canonical-text.js';
import { FIELD_CATALOGUE } from './field-catalogue.js';
import { type FieldNode, fieldTree } from './field-tree.js';

/** One step of making a fact smaller: what is cut, and how much of it stays. */
export type Cut =
  | { readonly pointers: readonly string[]; readonly keep: number }
  | { readonly pointers: 'all'; readonly items: number; readonly units: number };

/**
 * What goes first when an event is too long, each step on top of those before it. `keep` counts the items of a list that stay; with 0 the
 * field is left out. The last two cut every list to `items` and every text to `units` UTF-16 units: after them any event fits.
 */
export const CUTS: readonly Cut[] = [
  { pointers: ['/request/args_excerpt'], keep: 0 },
  { pointers: ['/decision/obligations'], keep: 0 },
  { pointers: ['/decision/flow_before', '/decision/flow_after'], keep: 0 },
  { pointers: ['/response/redactions', '/request/redactions'], keep: 8 },
  { pointers: ['/request/argument_keys'], keep: 64 },
  { pointers: ['/admin/patch'], keep: 0 },
  { pointers: ['/ext'], keep: 0 },
  { pointers: 'all', items: 16, units: 1_024 },
  { pointers: 'all', items: 4, units: 48 },
];

type Members = Readonly<Record<string, unknown>>;

/**
 * The fact after the cuts up to and with number `last`, with JSON Pointers of all that was cut in `response.truncated` for what lies in the
 * response and in `request.truncated` for everything else.
 */
export function cutFact(fact: AuditFact, last: number): AuditFact {
  const cut: string[] = [];
  const smaller = CUTS.slice(0, last + 1).reduce<Members>((members, step) => applyCut(members, step, cut), { ...fact });
  return withTruncated(smaller, [...new Set(cut)]) as unknown as AuditFact;
}

function applyCut(members: Members, step: Cut, cut: string[]): Members {
  if (step.pointers === 'all') return cutMembers(members, TREE, { ...step, at: '', inList: false, cut });
  return step.pointers.reduce((result, pointer) => cutField(result, pointer, { keep: step.keep, cut }), members);
}

function cutField(members: Members, pointer: string, how: { readonly keep: number; readonly cut: string[] }): Members {
  const [, group = '', field] = pointer.split('/');
  const value = members[group];
  if (value === undefined) return members;
  if (field === undefined) {
    how.cut.push(pointer);
    return without(members, group);
  }
  return isMembers(value) ? { ...members, [group]: cutInside(value, { field, pointer, ...how }) } : members;
}

function cutInside(group: Members, how: { readonly field: string; readonly pointer: string; readonly keep: number; readonly cut: string[] }): Members {
  const value = group[how.field];
  if (value === undefined || (Array.isArray(value) && value.length <= how.keep)) return group;
  how.cut.push(how.pointer);
  if (how.keep === 0 || !Array.isArray(value)) return without(group, how.field);
  return { ...group, [how.field]: value.slice(0, how.keep) };
}

interface CutAll {
  readonly items: number;
  readonly units: number;
  /** JSON Pointer of what is looked at; inside a list, the list's. */
  readonly at: string;
  readonly inList: boolean;
  readonly cut: string[];
}

function cutMembers(members: Members, fields: readonly FieldNode[], how: CutAll): Members {
  const result: Record<string, unknown> = {};
  for (const field of fields) {
    const value = members[field.key];
    if (value !== undefined) result[field.key] = cutValue(value, field, how.inList ? how : { ...how, at: `${how.at}/${field.key}` });
  }
  return result;
}

function cutValue(value: unknown, field: FieldNode, how: CutAll): unknown {
  if (Array.isArray(value)) {
    if (value.length > how.items) how.cut.push(how.at);
    return value.slice(0, how.items).map((item: unknown) => cutValue(item, field, { ...how, inList: true }));
  }
  if (isMembers(value)) return cutMembers(value, field.fields, how);
  if (typeof value !== 'string' || !CUTTABLE.has(field.type) || value.length <= how.units) return value;
  how.cut.push(how.at);
  return cutText(value, how.units);
}

function withTruncated(members: Members, cut: readonly string[]): Members {
  const ofResponse = cut.filter((pointer) => pointer.startsWith('/response/'));
  const others = cut.filter((pointer) => !pointer.startsWith('/response/'));
  return { ...members, ...truncatedIn('request', members, others), ...truncatedIn('response', members, ofResponse) };
}

function truncatedIn(group: string, members: Members, cut: readonly string[]): Members {
  if (cut.length === 0) return {};
  const value = members[group];
  const had = isMembers(value) ? value : {};
  const named = Array.isArray(had['truncated']) ? had['truncated'] : [];
  return { [group]: { ...had, truncated: [...new Set([...named, ...cut])] } };
}

function without(members: Members, key: string): Members {
  return Object.fromEntries(Object.entries(members).filter(([name]) => name !== key));
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const TREE = fieldTree(FIELD_CATALOGUE);
const CUTTABLE = new Set(['text', 'texts']);
