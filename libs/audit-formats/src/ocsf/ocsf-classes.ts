import type { AuditEvent } from '@sallyport/audit-event';

import type { Draft } from '../compact.js';
import { PRODUCT, productVersion, VENDOR } from '../event-words.js';
import { ocsfActor, ocsfDestination, ocsfSource, ocsfUser } from './ocsf-parties.js';

/** What API Activity (6003) has beside the base, without its profiles. */
export function apiActivity(event: AuditEvent): Draft {
  const { mcp, response, server } = event;
  return {
    actor: ocsfActor(event),
    api: {
      operation: operationOf(event),
      service: server === undefined ? undefined : { uid: server.id, name: server.alias ?? server.name, version: server.version },
      version: mcp?.protocol_version,
      request: mcp?.request_id === undefined ? undefined : { uid: mcp.request_id },
      response: response === undefined ? undefined : { code: whole(response.rpc_code), message: response.status },
    },
    src_endpoint: ocsfSource(event),
    dst_endpoint: ocsfDestination(event),
    http_response: response?.http_status === undefined ? undefined : { code: response.http_status },
    resources: resourcesOf(event),
  };
}

/** What Entity Management (3004) has beside the base. */
export function entityManagement(event: AuditEvent): Draft {
  return { actor: ocsfActor(event), entity: entityOf(event), comment: event.admin?.reason ?? event.export?.reason, src_endpoint: event.source === undefined ? undefined : ocsfSource(event) };
}

/** What Authentication (3002) has beside the base. */
export function authentication(event: AuditEvent): Draft {
  return {
    actor: event.actor === undefined ? undefined : ocsfActor(event),
    user: ocsfUser(event),
    service: { name: PRODUCT, uid: event.gateway?.instance_id },
    src_endpoint: event.source === undefined ? undefined : ocsfSource(event),
    auth_protocol_id: event.actor?.auth_method === 'oidc' ? OPENID : undefined,
    is_remote: true,
    count: event.counted?.count,
  };
}

/** What Application Lifecycle (6002) has beside the base. */
export function applicationLifecycle(event: AuditEvent): Draft {
  return { app: { name: PRODUCT, vendor_name: VENDOR, uid: event.gateway?.instance_id, version: productVersion(event) } };
}

function operationOf({ type, mcp }: AuditEvent): string {
  if (mcp?.method === undefined) return type;
  const object = mcp.tool ?? mcp.resource_uri ?? mcp.prompt;
  return object === undefined ? mcp.method : `${mcp.method}:${object}`;
}

function resourcesOf({ mcp, server }: AuditEvent): readonly Draft[] {
  const owner = server?.alias;
  return [
    ...(mcp?.tool === undefined ? [] : [{ name: mcp.tool, uid: mcp.definition_hash, type: 'tool', namespace: owner }]),
    ...(mcp?.resource_uri === undefined ? [] : [{ name: mcp.resource_uri, type: 'resource', namespace: owner }]),
    ...(mcp?.prompt === undefined ? [] : [{ name: mcp.prompt, type: 'prompt', namespace: owner }]),
  ];
}

/** A managed entity needs at least a name or an id. */
function entityOf({ type, admin, export: exported, key, mcp, server, decision }: AuditEvent): Draft {
  if (admin !== undefined) return { uid: admin.object_id, type: admin.object_type, version: versionOf(admin.after_hash), data: { action: admin.action, patch: admin.patch, before_hash: admin.before_hash, after_hash: admin.after_hash } };
  if (exported !== undefined) return { uid: exported.sink_id, name: exported.sink_name, type: 'sink' };
  if (key !== undefined) return { uid: key.key_id, type: 'key' };
  if (mcp?.tool !== undefined) return { name: mcp.tool, uid: mcp.definition_hash, type: 'tool' };
  if (decision !== undefined) return { uid: decision.decision_id, type: 'decision' };
  return { name: server?.alias ?? server?.id ?? type, uid: server?.id, type: server === undefined ? 'event' : 'server' };
}

function versionOf(hash: string | undefined): string | undefined {
  return hash?.slice(0, 16);
}

function whole(value: number | undefined): number | undefined {
  return Number.isInteger(value) ? value : undefined;
}

/** OCSF `auth_protocol_id`: 6 is OpenID. */
const OPENID = 6;
