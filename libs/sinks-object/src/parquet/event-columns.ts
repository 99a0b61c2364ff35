import type { AuditEvent } from '@sallyport/audit-event';
import type { OutgoingEvent } from '@sallyport/sinks';

/** A column: what it holds, and where in an event that is. A value that an event has not is null. */
export type EventColumn =
  | { readonly name: string; readonly kind: 'text'; readonly of: (event: AuditEvent, outgoing: OutgoingEvent) => string | undefined }
  | { readonly name: string; readonly kind: 'integer'; readonly of: (event: AuditEvent) => number | undefined }
  | { readonly name: string; readonly kind: 'time'; readonly of: (event: AuditEvent) => string | undefined };

/**
 * What is asked for most, each in a column of its own, and `event`: the event's own canonical text, from which everything else can be read and the
 * chain be verified. Times are microseconds in UTC. Columns are only ever added, at the end.
 */
export const EVENT_COLUMNS: readonly EventColumn[] = [
  { name: 'seq', kind: 'integer', of: ({ seq }) => seq },
  { name: 'stream', kind: 'text', of: ({ stream }) => stream },
  { name: 'event_id', kind: 'text', of: ({ event_id }) => event_id },
  { name: 'time', kind: 'time', of: ({ time }) => time },
  { name: 'observed_time', kind: 'time', of: ({ observed_time }) => observed_time },
  { name: 'type', kind: 'text', of: ({ type }) => type },
  { name: 'outcome', kind: 'text', of: ({ outcome }) => outcome },
  { name: 'severity', kind: 'integer', of: ({ severity }) => severity },
  { name: 'actor_id', kind: 'text', of: ({ actor }) => actor?.identity_id },
  { name: 'actor_kind', kind: 'text', of: ({ actor }) => actor?.kind },
  { name: 'actor_name', kind: 'text', of: ({ actor }) => actor?.name },
  { name: 'source_ip', kind: 'text', of: ({ source }) => source?.ip },
  { name: 'server_id', kind: 'text', of: ({ server }) => server?.id },
  { name: 'server_alias', kind: 'text', of: ({ server }) => server?.alias },
  { name: 'mcp_method', kind: 'text', of: ({ mcp }) => mcp?.method },
  { name: 'tool', kind: 'text', of: ({ mcp }) => mcp?.tool },
  { name: 'decision_id', kind: 'text', of: ({ decision }) => decision?.decision_id },
  { name: 'decision_effect', kind: 'text', of: ({ decision }) => decision?.effect },
  { name: 'reason_code', kind: 'text', of: ({ decision }) => decision?.reason_code },
  { name: 'policy_id', kind: 'text', of: ({ decision }) => decision?.policy_id },
  { name: 'policy_version', kind: 'integer', of: ({ decision }) => decision?.policy_version },
  { name: 'args_digest', kind: 'text', of: ({ request }) => request?.args_digest },
  { name: 'response_status', kind: 'text', of: ({ response }) => response?.status },
  { name: 'gateway_us', kind: 'integer', of: ({ timing }) => timing?.gateway_us },
  { name: 'upstream_us', kind: 'integer', of: ({ timing }) => timing?.upstream_us },
  { name: 'admin_action', kind: 'text', of: ({ admin }) => admin?.action },
  { name: 'admin_object_type', kind: 'text', of: ({ admin }) => admin?.object_type },
  { name: 'admin_object_id', kind: 'text', of: ({ admin }) => admin?.object_id },
  { name: 'prev_hash', kind: 'text', of: ({ integrity }) => integrity.prev_hash },
  { name: 'hash', kind: 'text', of: ({ integrity }) => integrity.hash },
  { name: 'event', kind: 'text', of: (_event, { stored }) => stored.line },
];
