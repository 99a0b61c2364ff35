import type { AuditEvent, StoredEvent } from '@sallyport/audit-event';

import type { Draft } from '../compact.js';
import { octetsOf } from '../escape-value.js';
import { epochMsOf, eventName, PRODUCT, productVersion, reasonOf, successOf, VENDOR } from '../event-words.js';
import { OCSF_CLASSES, type OcsfKind } from './ocsf-class.js';

/** What every class has: classification, time, severity, status, metadata, the canonical text, and what OCSF has no field for. */
export function ocsfBase(event: AuditEvent, stored: StoredEvent, kind: OcsfKind): Draft {
  const { name, category } = OCSF_CLASSES[kind.classUid];
  return {
    activity_id: kind.activityId,
    activity_name: kind.activityName,
    category_uid: Math.floor(kind.classUid / 1_000),
    category_name: category,
    class_uid: kind.classUid,
    class_name: name,
    type_uid: kind.classUid * 100 + kind.activityId,
    type_name: `${name}: ${kind.activityName}`,
    time: epochMsOf(event.time),
    severity_id: event.severity,
    severity: SEVERITIES[event.severity],
    message: eventName(event),
    ...statusOf(event),
    raw_data: stored.line,
    raw_data_size: octetsOf(stored.line),
    raw_data_hash: { algorithm_id: 99, algorithm: LEAF_HASH, value: event.integrity.hash },
    unmapped: unmappedOf(event),
  };
}

/** Where the event comes from and how it is numbered. */
export function ocsfMetadata(event: AuditEvent, version: string, profiles: readonly string[]): Draft {
  return {
    version,
    product: { name: PRODUCT, vendor_name: VENDOR, version: productVersion(event) },
    profiles,
    uid: event.event_id,
    original_event_uid: event.event_id,
    event_code: event.type,
    log_name: event.stream,
    log_provider: VENDOR,
    log_version: event.schema,
    sequence: event.seq,
    original_time: event.time,
    logged_time: epochMsOf(event.observed_time),
    tenant_uid: event.organisation_id,
    reporter: event.gateway === undefined ? undefined : { uid: event.gateway.instance_id, name: event.gateway.instance_id },
    tags: Object.entries(event.ext ?? {}).map(([name, value]) => ({ name, value })),
  };
}

function statusOf(event: AuditEvent): Draft {
  const details = { status_code: reasonOf(event), status_detail: event.decision?.rule_ids?.join(', ') };
  if (event.outcome === 'approval_required') return { status_id: 99, status: event.outcome, ...details };
  const success = successOf(event);
  return { ...(success === 'unknown' ? { status_id: 0, status: 'Unknown' } : success === 'success' ? { status_id: 1, status: 'Success' } : { status_id: 2, status: 'Failure' }), ...details };
}

function unmappedOf({ timing, counted, list, checkpoint, key, integrity, decision, request, response, export: exported, trace }: AuditEvent): Draft {
  return {
    timing,
    counted,
    list,
    checkpoint,
    key,
    export: exported,
    peer_trace_id: trace?.peer_trace_id,
    decision: {
      decision_id: decision?.decision_id,
      mode: decision?.mode,
      grant_id: decision?.grant_id,
      revision: decision?.revision,
      limits: decision?.limits,
      obligations: decision?.obligations,
      flow_before: decision?.flow_before,
      flow_after: decision?.flow_after,
      shadow: decision?.shadow,
    },
    request: { argument_keys: request?.argument_keys, args_digest: request?.args_digest, args_bytes: request?.args_bytes, redactions: request?.redactions, truncated: request?.truncated },
    response: { result_digest: response?.result_digest, result_bytes: response?.result_bytes, redactions: response?.redactions, truncated: response?.truncated },
    integrity: { prev_hash: integrity.prev_hash, key_epoch: integrity.key_epoch },
  };
}

const SEVERITIES = { 1: 'Informational', 2: 'Low', 3: 'Medium', 4: 'High', 5: 'Critical' } as const;
/** Not SHA-256 of `raw_data`: what the chain and the tree hold. */
const LEAF_HASH = 'SHA-256 of 0x00 and RFC 8785 without integrity.hash';
