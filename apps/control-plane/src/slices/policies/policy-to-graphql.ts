import { LessThan } from 'typeorm';

import { connectionOf, pageSize, readCursor, type Connection } from '../../platform/graphql/page.js';
import type { PageArgs, ReadPoint } from '../past/read-point.js';
import type { PolicyRow } from './read/policy-row.entity.js';
import { PolicyVersionRow } from './read/policy-version-row.entity.js';

/** A version's row as GraphQL's `PolicyVersion`. */
export function policyVersionToGraphql(row: PolicyVersionRow, policy: PolicyRow) {
  const { policyId, version, document, documentHash, note, mode, restoresVersion, publishedAt, revision } = row;
  const live = policy.liveVersion === version;
  const shadow = policy.shadowVersion === version;
  return { policyId, name: policy.name, version, document, documentHash, note, mode, live, shadow, restoresVersion, publishedAt, revision };
}

/** GraphQL's `PolicyVersion`. */
export type PolicyVersionNode = ReturnType<typeof policyVersionToGraphql>;

/**
 * A policy's row as GraphQL's `Policy`. Documents are read when they are asked for.
 *
 * @param wanted The version asked for, which is there; the live one, else the newest, when left out.
 */
export function policyToGraphql(row: PolicyRow, point: ReadPoint, wanted?: number) {
  const { policyId, name, latestVersion, liveVersion, shadowVersion, tests, testsRequired, createdAt, revision } = row;
  return {
    id: policyId,
    name,
    latestVersion,
    tests,
    testsRequired,
    createdAt,
    revision,
    version: () => versionNode(row, point, wanted ?? liveVersion ?? latestVersion),
    live: () => (liveVersion === null ? null : versionNode(row, point, liveVersion)),
    shadow: () => (shadowVersion === null ? null : versionNode(row, point, shadowVersion)),
    versions: (page: PageArgs) => versionPage(row, point, page),
    history: (page: PageArgs) => point.history({ kind: 'policy', id: policyId }, page),
  };
}

/** GraphQL's `Policy`. */
export type PolicyNode = ReturnType<typeof policyToGraphql>;

/** One version's row; null when the policy has no such version at the point. */
export async function readVersion(row: PolicyRow, point: ReadPoint, version: number): Promise<PolicyVersionRow | null> {
  const { organisationId, policyId } = row;
  if (version < 1 || version > row.latestVersion) return null;
  if (point.past !== null) return point.past.policyVersions.get(policyId)?.[version - 1] ?? null;
  return point.read((manager) => manager.findOneBy(PolicyVersionRow, { organisationId, policyId, version }));
}

async function versionNode(row: PolicyRow, point: ReadPoint, version: number): Promise<PolicyVersionNode | null> {
  const found = await readVersion(row, point, version);
  return found === null ? null : policyVersionToGraphql(found, row);
}

async function versionPage(row: PolicyRow, point: ReadPoint, page: PageArgs): Promise<Connection<PolicyVersionNode>> {
  const first = pageSize(page.first);
  const [after] = readCursor(page.after, 1) ?? [];
  const before = after === undefined ? row.latestVersion + 1 : Math.trunc(Number(after)) || 0;
  const rows = await versionsBefore(row, point, { before, take: first + 1 });
  return connectionOf(rows, first, { place: (version) => [version.version], node: (version) => policyVersionToGraphql(version, row) });
}

function versionsBefore(row: PolicyRow, point: ReadPoint, { before, take }: { before: number; take: number }): Promise<readonly PolicyVersionRow[]> | readonly PolicyVersionRow[] {
  const { organisationId, policyId } = row;
  if (point.past !== null) {
    const versions = point.past.policyVersions.get(policyId) ?? [];
    return versions.filter(({ version }) => version < before).toReversed().slice(0, take);
  }
  const where = { organisationId, policyId, version: LessThan(Math.min(before, row.latestVersion + 1)) };
  return point.read((manager) => manager.find(PolicyVersionRow, { where, order: { version: 'DESC' }, take }));
}
