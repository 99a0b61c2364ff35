import type { DecidedRecord } from '@sallyport/audit';
import type { CallContext, KnownIdentity } from '@sallyport/audit-event';
import type { IdentityId, OrganisationId, PolicyId, ServerId } from '@sallyport/kernel';
import type { ToolLabelling } from '@sallyport/organisation-state';
import type { EntityManager } from 'typeorm';

/** What the control plane knows of a call besides its record. */
export type ContextOfCall = (record: DecidedRecord, instanceId: string) => CallContext;

interface IdentityRow {
  readonly identity_id: IdentityId;
  readonly name: string;
  readonly kind: KnownIdentity['kind'];
}

interface ServerRow {
  readonly server_id: ServerId;
  /** `null` for a server that is a process of a worker's machine. */
  readonly url: string | null;
  /** JSON text. */
  readonly tool_labels: string;
}

interface VersionRow {
  readonly policy_id: PolicyId;
  readonly version: number;
  readonly document_hash: string;
}

/** A server as its calls' events name it. */
interface KnownServer {
  readonly host: string | undefined;
  readonly categories: ReadonlyMap<string, string>;
}

/**
 * Looks up who calls, where to, what kind of tool and under which document, for one organisation's calls, in the caller's transaction: as
 * these are when the call is stored. What is not known stays out.
 */
export async function contextsOfCalls(manager: EntityManager, organisationId: OrganisationId, decided: readonly DecidedRecord[]): Promise<ContextOfCall> {
  if (decided.length === 0) return (_record, instanceId) => ({ identity: null, instanceId });
  const identities = await identitiesOf(manager, organisationId, decided);
  const servers = await serversOf(manager, organisationId, decided);
  const hashes = await policyHashesOf(manager, organisationId, decided);
  return (record, instanceId) => {
    const server = servers.get(record.serverId);
    const effect = record.tool === null ? undefined : server?.categories.get(record.tool);
    const policyHash = hashes.get(versionKey(record.policyId, record.policyVersion));
    return {
      identity: identities.get(record.identityId) ?? null,
      instanceId,
      ...(server?.host === undefined ? {} : { server: { host: server.host } }),
      ...(effect === undefined ? {} : { tool: { effect } }),
      ...(policyHash === undefined ? {} : { policyHash }),
    };
  };
}

async function identitiesOf(manager: EntityManager, organisationId: OrganisationId, decided: readonly DecidedRecord[]): Promise<ReadonlyMap<IdentityId, KnownIdentity>> {
  const rows = await manager.query<IdentityRow[]>('SELECT identity_id, name, kind FROM identities WHERE organisation_id = $1 AND identity_id = ANY ($2::uuid[])', [
    organisationId, [...new Set(decided.map(({ identityId }) => identityId))],
  ]);
  return new Map(rows.map((row) => [row.identity_id, { name: row.name, kind: row.kind }]));
}

async function serversOf(manager: EntityManager, organisationId: OrganisationId, decided: readonly DecidedRecord[]): Promise<ReadonlyMap<ServerId, KnownServer>> {
  const rows = await manager.query<ServerRow[]>('SELECT server_id, url, tool_labels FROM servers WHERE organisation_id = $1 AND server_id = ANY ($2::uuid[])', [
    organisationId, [...new Set(decided.map(({ serverId }) => serverId))],
  ]);
  return new Map(rows.map((row) => [row.server_id, { host: hostOf(row.url), categories: categoriesIn(row.tool_labels) }]));
}

async function policyHashesOf(manager: EntityManager, organisationId: OrganisationId, decided: readonly DecidedRecord[]): Promise<ReadonlyMap<string, string>> {
  const versions = new Map(decided.map(({ policyId, policyVersion }) => [versionKey(policyId, policyVersion), { policyId, policyVersion }]));
  const known = [...versions.values()].filter(({ policyId, policyVersion }) => policyId !== null && policyVersion !== null);
  const rows = await manager.query<VersionRow[]>(
    `SELECT policy_id, version, document_hash FROM policy_versions JOIN unnest($2::uuid[], $3::integer[]) AS asked (policy_id, version) USING (policy_id, version)
     WHERE organisation_id = $1`,
    [organisationId, known.map(({ policyId }) => policyId), known.map(({ policyVersion }) => policyVersion)],
  );
  return new Map(rows.map((row) => [versionKey(row.policy_id, row.version), row.document_hash]));
}

function versionKey(policyId: PolicyId | null, version: number | null): string {
  return `${policyId}@${version}`;
}

/** The name alone: what stands before and after it in an address may be a secret. */
function hostOf(url: string | null): string | undefined {
  return url !== null && URL.canParse(url) ? new URL(url).hostname : undefined;
}

function categoriesIn(labels: string): ReadonlyMap<string, string> {
  const labellings = JSON.parse(labels) as readonly ToolLabelling[];
  return new Map(labellings.flatMap(({ tool, category }) => (category === null ? [] : [[tool, category] as const])));
}
