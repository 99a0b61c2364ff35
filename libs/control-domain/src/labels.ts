import type { Labels } from '@sallyport/domain-events';

/** How many labels an object may have. */
export const MAX_LABELS = 32;
/** How long a label's value may be, UTF-16 units. */
export const MAX_LABEL_VALUE = 256;

const KEY = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/;
const CONTROL_OR_LONE = /[\u0000-\u001f\u007f]|\p{Cs}/u;

/**
 * Finds what is wrong with labels: `undefined`, or a JSON Pointer beginning with `/labels`.
 * Keys: 1 to 63 of `A-Z a-z 0-9 . _ - /`, beginning and ending with a letter or digit. Values: no control characters.
 */
export function labelProblem(labels: Labels): string | undefined {
  const entries = Object.entries(labels);
  if (entries.length > MAX_LABELS) return '/labels';
  const bad = entries.find(([key, value]) => !KEY.test(key) || value.length > MAX_LABEL_VALUE || CONTROL_OR_LONE.test(value));
  return bad === undefined ? undefined : `/labels/${bad[0].replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Whether two sets of labels say the same. */
export function sameLabels(one: Labels, other: Labels): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && one[key] === other[key]);
}
