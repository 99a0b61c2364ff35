import type { Role } from '@sallyport/domain-events';

/** What each role may do besides its own: `admin` everything, everyone what a `viewer` may. */
const COVERED: { readonly [Holder in Role]: readonly Role[] } = {
  viewer: ['viewer'],
  policy_manager: ['policy_manager', 'viewer'],
  admin: ['admin', 'policy_manager', 'viewer', 'auditor'],
  auditor: ['auditor', 'viewer'],
};

/**
 * Whether someone of role `holder` may do all that `wanted` may. `viewer` < `policy_manager` < `admin`; `auditor` stands
 * beside: it reads what a viewer reads, and only an admin covers it.
 */
export function covers(holder: Role, wanted: Role): boolean {
  return COVERED[holder].includes(wanted);
}

/** The most that both roles allow: what a token of one role may do in the hands of a member of the other. */
export function commonRole(left: Role, right: Role): Role {
  if (covers(left, right)) return right;
  if (covers(right, left)) return left;
  return 'viewer';
}
