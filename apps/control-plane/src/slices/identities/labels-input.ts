import { labelProblem, MAX_LABELS } from '@sallyport/control-domain';
import type { Labels } from '@sallyport/domain-events';
import { ok, refuse, type Result } from '@sallyport/kernel';

/** One label as GraphQL's `LabelInput`. */
export interface LabelInput {
  readonly key: string;
  readonly value: string;
}

/** Labels from a list; refused with the pointer of the first entry that is wrong or repeats a key. */
export function labelsFromInput(list: readonly LabelInput[] | null | undefined): Result<Labels, string> {
  const entries = list ?? [];
  if (entries.length > MAX_LABELS) return refuse('/labels');
  const seen = new Set<string>();
  for (const [at, { key, value }] of entries.entries()) {
    if (seen.has(key) || labelProblem({ [key]: value }) !== undefined) return refuse(`/labels/${at}`);
    seen.add(key);
  }
  return ok(Object.fromEntries(entries.map(({ key, value }) => [key, value])));
}

/** Labels as GraphQL lists them, ordered by key. */
export function labelsToGraphql(labels: Labels): readonly LabelInput[] {
  return Object.entries(labels)
    .map(([key, value]) => ({ key, value }))
    .sort((one, other) => (one.key < other.key ? -1 : 1));
}
