import { ok, refuse, type Result } from '@sallyport/kernel';

/** How many groups an identity may be in. */
export const MAX_GROUPS = 50;
/** How long a group's name may be, UTF-16 units. */
export const MAX_GROUP_NAME = 128;

const CONTROL_OR_LONE = /[\u0000-\u001f\u007f]|\p{Cs}/u;

/**
 * The groups that names stand for: each once, ordered. Refused with a JSON Pointer that begins with `/groups`: of the first name
 * that cannot be one (it is empty, too long, or holds control characters), or of the whole list when they are too many.
 */
export function groupsFrom(names: readonly string[]): Result<readonly string[], string> {
  const bad = names.findIndex((name) => name === '' || name.length > MAX_GROUP_NAME || CONTROL_OR_LONE.test(name));
  if (bad >= 0) return refuse(`/groups/${bad}`);
  const groups = [...new Set(names)].sort();
  return groups.length > MAX_GROUPS ? refuse('/groups') : ok(groups);
}

/** Whether two lists of groups, each as `groupsFrom` gives it, are the same. */
export function sameGroups(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((group, at) => group === other[at]);
}
