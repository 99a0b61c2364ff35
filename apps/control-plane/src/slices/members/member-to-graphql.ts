import type { MemberRow } from './read/member-row.entity.js';

/** A member's row as GraphQL's `Member`. */
export function memberToGraphql(row: MemberRow) {
  const { memberId, name, role, addedAt, removedAt, revision } = row;
  return { id: memberId, name, role, addedAt, removedAt, revision };
}
