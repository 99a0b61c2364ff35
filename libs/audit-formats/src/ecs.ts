import type { AuditEvent, StoredEvent } from '@sallyport/audit-event';
import { canonicalJson, type JsonObject, type JsonValue, refuse, type Result } from '@sallyport/kernel';

import { compact, type Draft } from './compact.js';
import { type DecodedEvent, type FormatProblem, jsonObjectOf, valueAt, wholeEvent } from './decoded-event.js';
import { PRODUCT, reasonOf, successOf, VENDOR } from './event-words.js';
import { ipAddress } from './ip-address.js';

/** The versions of the Elastic Common Schema that are written, the newest first. `gen_ai` is in the newer one only. */
export const ECS_VERSIONS = ['9.5.0', '8.17.0'] as const;
export type EcsVersion = (typeof ECS_VERSIONS)[number];

/** The event in the Elastic Common Schema: its fields where it has them, everything under `sallyport`, the canonical text in `event.original`. */
export function renderEcs(event: AuditEvent, stored: StoredEvent, version: EcsVersion = ECS_VERSIONS[0]): JsonObject {
  return compact({
    '@timestamp': event.time,
    ecs: { version },
    message: messageOf(event),
    event: eventFields(event, stored),
    organization: { id: event.organisation_id },
    user: { id: event.actor?.identity_id, name: event.actor?.name, roles: event.actor?.roles },
    user_agent: { original: event.client?.user_agent },
    // `source.ip` is of a type that refuses what is no address; `source.address` takes any.
    source: { ip: ipAddress(event.source?.ip), address: event.source?.ip, port: event.source?.port },
    tls: { version: event.source?.tls?.version, client: { hash: { sha256: event.source?.tls?.client_cert_fp } } },
    observer: { vendor: VENDOR, product: PRODUCT, type: 'gateway', name: event.gateway?.instance_id, version: event.gateway?.version },
    cloud: { region: event.gateway?.region },
    service: { id: event.server?.id, name: event.server?.alias, version: event.server?.version },
    server: { domain: event.server?.host },
    rule: { id: event.decision?.rule_ids?.[0], ruleset: event.decision?.policy_id, version: textOf(event.decision?.policy_version) },
    http: { response: { status_code: event.response?.http_status } },
    error: { code: textOf(event.response?.rpc_code), type: event.response === undefined || event.response.status === 'ok' ? undefined : event.response.status },
    trace: { id: event.trace?.trace_id },
    span: { id: event.trace?.span_id },
    labels: event.ext,
    ...(version === '8.17.0' ? {} : { gen_ai: genAi(event) }),
    sallyport: sallyportFields(event),
  });
}

/** The event of a JSON text that `renderEcs` made. */
export function decodeEcs(text: string): Result<DecodedEvent, FormatProblem> {
  const value = jsonObjectOf(text);
  return value === undefined ? refuse({ message: 'The text is no JSON object.' }) : wholeEvent(valueAt(value, 'event', 'original'));
}

function eventFields(event: AuditEvent, stored: StoredEvent): Draft {
  const { category, types } = kindOf(event);
  const { gateway_us: gateway, upstream_us: upstream } = event.timing ?? {};
  return {
    id: event.event_id,
    kind: 'event',
    module: 'sallyport',
    dataset: 'sallyport.audit',
    provider: 'sallyport',
    category: [category],
    type: [...types],
    action: event.type,
    outcome: successOf(event),
    severity: event.severity,
    sequence: event.seq,
    reason: reasonOf(event),
    created: event.observed_time,
    duration: gateway === undefined && upstream === undefined ? undefined : ((gateway ?? 0) + (upstream ?? 0)) * NANOS_PER_MICRO,
    hash: event.integrity.hash,
    original: stored.line,
  };
}

interface EcsKind {
  readonly category: string;
  readonly types: readonly string[];
}

function kindOf({ type, decision, outcome }: AuditEvent): EcsKind {
  const [area = '', second = '', verb = ''] = type.split('.');
  if (area === 'admin') return { category: IAM_OBJECTS.has(second) ? 'iam' : 'configuration', types: ['admin', CHANGES.get(verb) ?? 'change'] };
  if (area === 'auth') return { category: 'authentication', types: ['start', second === 'success' ? 'allowed' : 'denied'] };
  if (area === 'worker') return { category: 'process', types: [second === 'stop' ? 'end' : second === 'start' ? 'start' : 'info'] };
  if (area === 'definition' || area === 'export' || area === 'audit') return { category: 'configuration', types: [area === 'definition' ? 'change' : 'info'] };
  if (type === 'call.decided') return { category: 'api', types: ['access', decision?.effect === 'deny' ? 'denied' : 'allowed'] };
  if (area === 'call') return { category: 'api', types: ['access', outcome === 'denied' || outcome === 'limited' ? 'denied' : 'end'] };
  return { category: 'api', types: area === 'list' ? ['access'] : ['info'] };
}

function messageOf({ type, actor, mcp, server, outcome, decision }: AuditEvent): string {
  const what = mcp?.tool ?? mcp?.resource_uri ?? mcp?.method;
  const parts = [type, actor?.name ?? actor?.identity_id, what === undefined ? undefined : `${server?.alias ?? ''}/${what}`, outcome ?? decision?.effect];
  return parts.filter((part) => part !== undefined).join(' ');
}

function genAi({ mcp, actor }: AuditEvent): Draft {
  if (mcp?.tool === undefined) return {};
  return { operation: { name: 'execute_tool' }, tool: { name: mcp.tool, call: { id: mcp.request_id } }, agent: { id: actor?.kind === 'agent' ? actor.identity_id : undefined } };
}

/** The groups as they are, but for what an index cannot map: a change holds values of any type, so it is text. */
function sallyportFields(event: AuditEvent): Draft {
  const { patch, ...admin } = event.admin ?? {};
  return {
    schema: event.schema,
    stream: event.stream,
    actor: event.actor,
    client: event.client,
    source: event.source,
    gateway: event.gateway,
    server: event.server,
    mcp: event.mcp,
    decision: event.decision,
    request: event.request,
    response: event.response,
    timing: event.timing,
    trace: event.trace,
    admin: { ...admin, patch: patch === undefined ? undefined : canonicalJson(patch as unknown as JsonValue) },
    counted: event.counted,
    reason: event.reason,
    list: event.list,
    export: event.export,
    checkpoint: event.checkpoint,
    key: event.key,
    integrity: event.integrity,
  };
}

function textOf(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

const NANOS_PER_MICRO = 1_000;
const IAM_OBJECTS = new Set(['organisation', 'member', 'identity', 'grant', 'token']);
const CHANGES: ReadonlyMap<string, string> = new Map([
  ...['created', 'added', 'issued', 'registered'].map((verb) => [verb, 'creation'] as const),
  ...['removed', 'revoked', 'deleted'].map((verb) => [verb, 'deletion'] as const),
]);
