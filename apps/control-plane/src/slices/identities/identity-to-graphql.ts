import type { PageArgs, ReadPoint } from '../past/read-point.js';
import { labelsToGraphql } from './labels-input.js';
import type { IdentityRow } from './read/identity-row.entity.js';

/** An identity's row as GraphQL's `Identity`. */
export function identityToGraphql(row: IdentityRow, point: ReadPoint) {
  const { identityId, name, kind, groups, status, createdAt, revision } = row;
  return {
    id: identityId,
    name,
    kind,
    labels: labelsToGraphql(row.labels),
    groups,
    status,
    createdAt,
    revision,
    history: (page: PageArgs) => point.history({ kind: 'identity', id: identityId }, page),
  };
}
