import type { AuditEvent, StoredEvent } from '@sallyport/audit-event';
import { type JsonObject, refuse, type Result } from '@sallyport/kernel';

import { compact, type Draft } from '../compact.js';
import { type DecodedEvent, type FormatProblem, jsonObjectOf, valueAt, wholeEvent } from '../decoded-event.js';
import { ocsfBase, ocsfMetadata } from './ocsf-base.js';
import { ocsfKind } from './ocsf-class.js';
import { apiActivity, applicationLifecycle, authentication, entityManagement } from './ocsf-classes.js';
import { securityControl } from './ocsf-control.js';

/** The versions of the Open Cybersecurity Schema Framework that are written, the newest first. The profile `ai_operation` is in 1.8 only. */
export const OCSF_VERSIONS = ['1.8.0', '1.7.0'] as const;
export type OcsfVersion = (typeof OCSF_VERSIONS)[number];

/** The event as an OCSF event of the class that `ocsfKind` says, with the canonical text in `raw_data`. */
export function renderOcsf(event: AuditEvent, stored: StoredEvent, version: OcsfVersion = OCSF_VERSIONS[0]): JsonObject {
  const kind = ocsfKind(event);
  const { profiles, fields } = kind.classUid === 6003 ? profiled(event, version) : { profiles: [], fields: {} };
  return compact({ ...ocsfBase(event, stored, kind), metadata: ocsfMetadata(event, version, profiles), ...classFields(event, kind.classUid), ...fields });
}

/** The event of a JSON text that `renderOcsf` made. */
export function decodeOcsf(text: string): Result<DecodedEvent, FormatProblem> {
  const value = jsonObjectOf(text);
  return value === undefined ? refuse({ message: 'The text is no JSON object.' }) : wholeEvent(valueAt(value, 'raw_data'));
}

function classFields(event: AuditEvent, classUid: ReturnType<typeof ocsfKind>['classUid']): Draft {
  switch (classUid) {
    case 6003:
      return apiActivity(event);
    case 3004:
      return entityManagement(event);
    case 3002:
      return authentication(event);
    case 6002:
      return applicationLifecycle(event);
    case 0:
      return {};
  }
}

function profiled(event: AuditEvent, version: OcsfVersion): { readonly profiles: readonly string[]; readonly fields: Draft } {
  const context = version === '1.8.0' ? messageContext(event) : undefined;
  const trace = event.trace?.trace_id === undefined ? undefined : { uid: event.trace.trace_id };
  return {
    profiles: ['security_control', ...(context === undefined ? [] : ['ai_operation']), ...(trace === undefined ? [] : ['trace'])],
    fields: { ...securityControl(event), message_context: context, trace },
  };
}

/** A message's context needs at least the application or the service: of a call that names neither there is none. */
function messageContext({ mcp, client, server }: AuditEvent): Draft | undefined {
  const application = client?.name === undefined ? undefined : { name: client.name, version: client.version };
  const service = server === undefined ? undefined : { uid: server.id, name: server.alias ?? server.name };
  if (mcp === undefined || (application ?? service) === undefined) return undefined;
  return { ai_role_id: 3, ai_role: 'Tool', uid: mcp.flow_id, application, service };
}
