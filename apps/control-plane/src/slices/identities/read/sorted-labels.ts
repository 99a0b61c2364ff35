import type { Labels } from '@sallyport/domain-events';

/** The labels with their keys in order, so that equal labels are equal text. */
export function sortedLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}
