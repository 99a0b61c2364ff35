import type { IdentityFieldsFragment } from '@sallyport/graphql-contract';

/** An identity as `--json` prints it: its labels as an object. */
export function itemOf(identity: IdentityFieldsFragment) {
  const { id, labels, ...rest } = identity;
  return { identityId: id, ...rest, labels: Object.fromEntries(labels.map(({ key, value }) => [key, value])) };
}

/** Labels on one line. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(' ');
}

/** Groups on one line; their names may hold spaces. */
export function groupText(groups: readonly string[]): string {
  return groups.join(', ');
}
