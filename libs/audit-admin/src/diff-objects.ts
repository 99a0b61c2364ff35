import type { JsonValue } from '@sallyport/kernel';

import { SecretText, hasMembers, shownForm, type AuditedMembers, type AuditedObject, type AuditedValue } from './audited-object.js';

/** A step of RFC 6902. `remove` has no value. */
export interface PatchStep {
  readonly op: 'add' | 'remove' | 'replace';
  /** JSON Pointer. */
  readonly path: string;
  readonly value?: JsonValue;
}

/** Steps of one member of the object that a patch names; where there are more, the member is replaced as a whole. */
const MOST_STEPS = 64;

/**
 * The steps from one state of an object to the next, in the order of the members' names. Lists are replaced as a whole. A secret is
 * `"<secret>"`. A member with more than 64 changes is one step whose value says how many members it has and is `{"members": n}`.
 */
export function diffObjects(before: AuditedObject, after: AuditedObject): readonly PatchStep[] {
  if (before === null && after === null) return [];
  const steps: PatchStep[] = [];
  for (const name of namesOf(before ?? {}, after ?? {})) {
    const path = `/${escaped(name)}`;
    const ofMember = diffValues(path, before?.[name], after?.[name]);
    const whole = after?.[name];
    if (ofMember.length <= MOST_STEPS) steps.push(...ofMember);
    else steps.push({ op: before?.[name] === undefined ? 'add' : 'replace', path, value: { members: hasMembers(whole) ? Object.keys(whole).length : 0 } });
  }
  return steps;
}

function diffValues(path: string, before: AuditedValue | undefined, after: AuditedValue | undefined): readonly PatchStep[] {
  if (after === undefined) return before === undefined ? [] : [{ op: 'remove', path }];
  if (before === undefined) return added(path, after);
  if (hasMembers(before) && hasMembers(after)) return namesOf(before, after).flatMap((name) => diffValues(`${path}/${escaped(name)}`, before[name], after[name]));
  return isSame(before, after) ? [] : [{ op: 'replace', path, value: shownForm(after) }];
}

/** Large new members are counted by their parts, so that they can be told apart from small ones. */
function added(path: string, value: AuditedValue): readonly PatchStep[] {
  const isLarge = hasMembers(value) && Object.keys(value).length > MOST_STEPS;
  if (isLarge) return Object.keys(value).map((name) => ({ op: 'add', path: `${path}/${escaped(name)}` }));
  return [{ op: 'add', path, value: shownForm(value) }];
}

function isSame(one: AuditedValue, other: AuditedValue): boolean {
  if (one instanceof SecretText || other instanceof SecretText) return one instanceof SecretText && other instanceof SecretText && one.text === other.text;
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function namesOf(one: AuditedMembers, other: AuditedMembers): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
}

/** RFC 6901, 3. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
