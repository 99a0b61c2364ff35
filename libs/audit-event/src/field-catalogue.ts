import { ADMIN_OBJECTS } from './audit-event-types.js';
import { AUDIT_SCHEMA } from './audit-event.js';

/**
 * What a field holds.
 *
 * `text` any text · `word` one of a closed set · `type` an event's type · `instant` RFC 3339 in UTC with six decimals · `hash` 64 hexadecimal
 * digits · `uuid` in lower case · `count` a whole number from 0 · `level` 1 to 5 · `number` any finite number · `true` only that · `texts`, `objects`
 * lists · `object` fields of its own · `labels` texts by name · `json` any JSON value of at most 32 levels.
 */
export type FieldType =
  | 'text'
  | 'word'
  | 'type'
  | 'instant'
  | 'hash'
  | 'uuid'
  | 'count'
  | 'level'
  | 'number'
  | 'true'
  | 'texts'
  | 'objects'
  | 'object'
  | 'labels'
  | 'json';

/** One field of an audit event. */
export interface Field {
  /** Names joined by dots; `[]` behind a list of objects whose fields follow. */
  readonly path: string;
  readonly type: FieldType;
  readonly required: boolean;
  /** Whether it may leave Sallyport. What is not marked is never written. */
  readonly exported: boolean;
  readonly says: string;
  /** Of a `word`: all it can be. */
  readonly words: readonly string[];
}

type Row = readonly [
  path: string,
  type: FieldType,
  presence: 'required' | 'optional',
  way: 'exported' | 'internal',
  says: string,
  words?: readonly string[],
];

const OUTCOMES = ['allowed', 'denied', 'limited', 'approval_required', 'abandoned', 'error', 'success', 'failure'] as const;
const ACTOR_KINDS = ['agent', 'human', 'service', 'member', 'system', 'unknown'] as const;
const STATUSES = ['not_called', 'ok', 'tool_error', 'rpc_error', 'transport_error', 'timeout', 'cancelled'] as const;
const ACTIONS = ['mask', 'hash', 'remove'] as const;

/** The rows behind `FIELD_CATALOGUE`, with the literal types that let the compiler hold them to `AuditEvent`. */
export const FIELD_ROWS = [
  ['schema', 'word', 'required', 'exported', 'The version of this schema.', [AUDIT_SCHEMA]],
  ['event_id', 'uuid', 'required', 'exported', 'Names the event for ever; of a decision the id that the caller was told.'],
  ['organisation_id', 'text', 'optional', 'exported', 'The organisation it belongs to; absent in the deployment\'s own stream.'],
  ['stream', 'text', 'required', 'exported', 'The organisation\'s id, or `_deployment`.'],
  ['seq', 'count', 'required', 'exported', '1, 2, 3 and so on in its stream, without a gap.'],
  ['time', 'instant', 'required', 'exported', 'When it happened.'],
  ['observed_time', 'instant', 'required', 'exported', 'When it was given its place in the stream.'],
  ['type', 'type', 'required', 'exported', 'What kind of thing happened.'],
  ['outcome', 'word', 'optional', 'exported', 'How it ended.', OUTCOMES],
  ['severity', 'level', 'required', 'exported', 'How serious: 1 informational, 2 low, 3 medium, 4 high, 5 critical.'],

  ['actor', 'object', 'optional', 'exported', 'Who acted, as far as it was verified.'],
  ['actor.identity_id', 'text', 'optional', 'exported', 'The calling identity, or the member who administrates.'],
  ['actor.kind', 'word', 'required', 'exported', 'What the actor is.', ACTOR_KINDS],
  ['actor.name', 'text', 'optional', 'exported', 'The actor\'s name at that time.'],
  ['actor.owner_id', 'text', 'optional', 'exported', 'The member who answers for a machine identity.'],
  ['actor.credential_id', 'text', 'optional', 'exported', 'The id of the token that was shown, never the token.'],
  ['actor.credential_kind', 'word', 'optional', 'exported', 'What kind of credential was shown.', ['grant_token', 'admin_token', 'oidc']],
  ['actor.auth_method', 'word', 'optional', 'exported', 'How the actor was recognised.', ['bearer', 'oidc', 'none']],
  ['actor.issuer', 'text', 'optional', 'exported', 'Who vouched for the actor in OpenID Connect.'],
  ['actor.subject', 'text', 'optional', 'exported', 'The actor\'s name at that issuer.'],
  ['actor.roles', 'texts', 'optional', 'exported', 'The roles the actor had.'],
  ['actor.act_chain', 'texts', 'optional', 'exported', 'On whose behalf, the nearest first.'],

  ['client', 'object', 'optional', 'exported', 'What the client says of itself.'],
  ['client.name', 'text', 'optional', 'exported', 'The client\'s name.'],
  ['client.version', 'text', 'optional', 'exported', 'The client\'s version.'],
  ['client.user_agent', 'text', 'optional', 'exported', 'The client\'s User-Agent header.'],
  ['client.unverified', 'true', 'required', 'exported', 'Always true: nothing here was verified.'],

  ['source', 'object', 'optional', 'exported', 'Where the request came from.'],
  ['source.ip', 'text', 'optional', 'exported', 'The address of the peer.'],
  ['source.port', 'count', 'optional', 'exported', 'The port of the peer.'],
  ['source.forwarded_for', 'texts', 'optional', 'exported', 'What trusted proxies say of the way before them.'],
  ['source.tls', 'object', 'optional', 'exported', 'The connection\'s TLS.'],
  ['source.tls.version', 'text', 'optional', 'exported', 'The protocol\'s version.'],
  ['source.tls.client_cert_fp', 'text', 'optional', 'exported', 'SHA-256 of the client\'s certificate.'],

  ['gateway', 'object', 'optional', 'exported', 'Which part of Sallyport saw it.'],
  ['gateway.instance_id', 'text', 'required', 'exported', 'The instance.'],
  ['gateway.version', 'text', 'optional', 'exported', 'Its version.'],
  ['gateway.region', 'text', 'optional', 'exported', 'Where it runs.'],

  ['server', 'object', 'optional', 'exported', 'The server that was called.'],
  ['server.id', 'text', 'required', 'exported', 'The server\'s id.'],
  ['server.alias', 'text', 'optional', 'exported', 'Its slug at that time.'],
  ['server.name', 'text', 'optional', 'exported', 'Its name.'],
  ['server.version', 'text', 'optional', 'exported', 'The version it states.'],
  ['server.host', 'text', 'optional', 'exported', 'The host of its URL.'],

  ['mcp', 'object', 'optional', 'exported', 'The MCP request.'],
  ['mcp.method', 'text', 'optional', 'exported', 'The JSON-RPC method.'],
  ['mcp.protocol_version', 'text', 'optional', 'exported', 'The protocol version that was agreed.'],
  ['mcp.request_id', 'text', 'optional', 'exported', 'JSON text of the request\'s id.'],
  ['mcp.flow_id', 'text', 'optional', 'exported', 'What the request belongs together with: its session or conversation.'],
  ['mcp.tool', 'text', 'optional', 'exported', 'The tool as the caller named it.'],
  ['mcp.tool_upstream', 'text', 'optional', 'exported', 'The name under which its server declares the tool; absent where it declares none.'],
  ['mcp.definition_hash', 'text', 'optional', 'exported', 'SHA-256 of the tool\'s definition as it was approved.'],
  ['mcp.effect', 'text', 'optional', 'exported', 'The tool\'s reviewed class: Read, Write, Execute, Destructive or Financial.'],
  ['mcp.resource_uri', 'text', 'optional', 'exported', 'The resource that was read.'],
  ['mcp.prompt', 'text', 'optional', 'exported', 'The prompt that was asked for.'],
  ['mcp.round', 'count', 'optional', 'exported', 'The how many-th round of a request that takes several.'],

  ['decision', 'object', 'optional', 'exported', 'What was decided, and by what.'],
  ['decision.decision_id', 'uuid', 'required', 'exported', 'The event id of the call\'s `call.decided`.'],
  ['decision.effect', 'word', 'optional', 'exported', 'What the policy said.', ['allow', 'deny']],
  ['decision.reason_code', 'text', 'optional', 'exported', 'Why the call was refused: one of the stable reason codes.'],
  ['decision.mode', 'word', 'optional', 'exported', 'Whether the decision took effect.', ['enforced', 'shadow']],
  ['decision.policy_id', 'text', 'optional', 'exported', 'The policy that decided.'],
  ['decision.policy_version', 'count', 'optional', 'exported', 'Its version.'],
  ['decision.policy_hash', 'text', 'optional', 'exported', 'SHA-256 of that version.'],
  ['decision.policy_age_ms', 'count', 'optional', 'exported', 'How old the worker\'s knowledge of policies was, milliseconds; absent where it had none, or its clock could not tell.'],
  ['decision.revision', 'count', 'optional', 'exported', 'The organisation\'s revision the decision was made at.'],
  ['decision.grant_id', 'text', 'optional', 'exported', 'The grant that was used.'],
  ['decision.rule_ids', 'texts', 'optional', 'exported', 'The rules that settled it: JSON Pointers into the policy, or `(default)`.'],
  ['decision.approval_id', 'text', 'optional', 'exported', 'The approval that was used or asked for.'],
  ['decision.obligations', 'texts', 'optional', 'exported', 'What the rules ask for beyond the verdict, such as approvals.'],
  ['decision.limits', 'objects', 'optional', 'exported', 'The counters that were charged.'],
  ['decision.limits[].key', 'text', 'required', 'exported', 'The counter.'],
  ['decision.limits[].units', 'text', 'required', 'exported', 'How much, as a plain decimal.'],
  ['decision.limits[].window_start', 'instant', 'required', 'exported', 'When the counter\'s window began.'],
  ['decision.limits[].window_end', 'instant', 'required', 'exported', 'When it ends.'],
  ['decision.limits_released', 'true', 'optional', 'exported', 'The charges were given back, because nothing was done.'],
  ['decision.flow_before', 'texts', 'optional', 'exported', 'Of the marks of flows that the decision depended on, those that the identity bore before the call.'],
  ['decision.flow_after', 'texts', 'optional', 'exported', 'Those, and what the call left, once it has ended; absent while it is under way, and where nobody knows how it ended.'],
  ['decision.audit_mode', 'word', 'optional', 'exported', 'How the record was kept before the call went on.', ['process', 'disk', 'bus']],
  ['decision.shadow', 'object', 'optional', 'exported', 'What a version in shadow said, where it disagreed.'],
  ['decision.shadow.policy_version', 'count', 'required', 'exported', 'The version in shadow.'],
  ['decision.shadow.relation', 'text', 'required', 'exported', 'How it disagrees: stricter, looser or other_reason.'],
  ['decision.shadow.effect', 'word', 'required', 'exported', 'What it would have said.', ['allow', 'deny']],
  ['decision.shadow.rule_id', 'text', 'required', 'exported', 'By which rule.'],
  ['decision.shadow.reason_code', 'text', 'optional', 'exported', 'With which reason.'],

  ['request', 'object', 'optional', 'exported', 'The arguments: names, a digest and a size, never a value in the clear.'],
  ['request.argument_keys', 'texts', 'optional', 'exported', 'Names of the top-level arguments, in the order received.'],
  ['request.args_digest', 'text', 'optional', 'exported', 'HMAC-SHA256 over RFC 8785 of the whole arguments, salted per organisation.'],
  ['request.args_bytes', 'count', 'optional', 'exported', 'The arguments\' size in bytes.'],
  ['request.args_excerpt', 'text', 'optional', 'exported', 'What the policy keeps of values, sealed under a key of the identity, which an erasure destroys.'],
  ['request.redactions', 'objects', 'optional', 'exported', 'What was taken out of the arguments.'],
  ['request.redactions[].path', 'text', 'required', 'exported', 'JSON Pointer into the message.'],
  ['request.redactions[].rule', 'text', 'required', 'exported', 'By which rule.'],
  ['request.redactions[].action', 'word', 'required', 'exported', 'What was done.', ACTIONS],
  ['request.truncated', 'texts', 'optional', 'exported', 'JSON Pointers of fields of this event that were cut.'],

  ['response', 'object', 'optional', 'exported', 'What came back.'],
  ['response.status', 'word', 'required', 'exported', 'What happened to the request that was, or was not, sent upstream.', STATUSES],
  ['response.rpc_code', 'number', 'optional', 'exported', 'The upstream\'s JSON-RPC error code.'],
  ['response.http_status', 'count', 'optional', 'exported', 'The upstream\'s HTTP status.'],
  ['response.result_digest', 'text', 'optional', 'exported', 'HMAC-SHA256 over the result, salted per organisation.'],
  ['response.result_bytes', 'count', 'optional', 'exported', 'The result\'s size in bytes.'],
  ['response.redactions', 'objects', 'optional', 'exported', 'What was taken out of the result, the first of it.'],
  ['response.redactions[].path', 'text', 'required', 'exported', 'JSON Pointer into the message.'],
  ['response.redactions[].rule', 'text', 'required', 'exported', 'By which rule.'],
  ['response.redactions[].action', 'word', 'required', 'exported', 'What was done.', ACTIONS],
  ['response.redactions_count', 'count', 'optional', 'exported', 'How much was taken out in all.'],
  ['response.truncated', 'texts', 'optional', 'exported', 'JSON Pointers of fields of the response that were cut.'],

  ['timing', 'object', 'optional', 'exported', 'How long it took.'],
  ['timing.gateway_us', 'count', 'optional', 'exported', 'In the gateway itself, microseconds.'],
  ['timing.upstream_us', 'count', 'optional', 'exported', 'Waiting for the upstream, microseconds.'],
  ['timing.queue_us', 'count', 'optional', 'exported', 'Waiting for a place, microseconds.'],

  ['trace', 'object', 'optional', 'exported', 'What it belongs to in traces.'],
  ['trace.trace_id', 'text', 'optional', 'exported', 'Our trace.'],
  ['trace.span_id', 'text', 'optional', 'exported', 'Our span.'],
  ['trace.peer_trace_id', 'text', 'optional', 'exported', 'The caller\'s trace, not verified.'],

  ['admin', 'object', 'optional', 'exported', 'What was changed.'],
  ['admin.action', 'text', 'required', 'exported', 'What was done, such as `issued`.'],
  ['admin.object_type', 'word', 'required', 'exported', 'To what kind of object.', ADMIN_OBJECTS],
  ['admin.object_id', 'text', 'required', 'exported', 'To which one.'],
  ['admin.revision', 'count', 'optional', 'exported', 'The organisation\'s revision that the change made.'],
  ['admin.before_hash', 'text', 'optional', 'exported', 'SHA-256 of the object\'s RFC 8785 form before.'],
  ['admin.after_hash', 'text', 'optional', 'exported', 'SHA-256 of the object\'s RFC 8785 form after.'],
  ['admin.patch', 'objects', 'optional', 'exported', 'RFC 6902 of the change; what is or may hold a secret has the value `"<secret>"`.'],
  ['admin.patch[].op', 'word', 'required', 'exported', 'What to do.', ['add', 'remove', 'replace']],
  ['admin.patch[].path', 'text', 'required', 'exported', 'JSON Pointer into the object.'],
  ['admin.patch[].value', 'json', 'optional', 'exported', 'The new value.'],
  ['admin.reason', 'text', 'optional', 'exported', 'Why, in the words of who did it.'],

  ['counted', 'object', 'optional', 'exported', 'What was counted together in one record.'],
  ['counted.count', 'count', 'required', 'exported', 'How often.'],
  ['counted.first', 'instant', 'required', 'exported', 'The first time.'],
  ['counted.last', 'instant', 'required', 'exported', 'The last time.'],

  ['reason', 'text', 'optional', 'exported', 'A stable word that says why, where no decision does.'],

  ['list', 'object', 'optional', 'exported', 'What a list that was served showed.'],
  ['list.shown', 'count', 'required', 'exported', 'How many tools it named.'],
  ['list.hidden', 'count', 'required', 'exported', 'How many approved tools it left out.'],
  ['list.grant_id', 'text', 'optional', 'exported', 'The grant it was served under.'],
  ['list.policy_id', 'text', 'optional', 'exported', 'The policy that chose.'],
  ['list.policy_version', 'count', 'optional', 'exported', 'Its version.'],
  ['list.revision', 'count', 'optional', 'exported', 'The organisation\'s revision the list was made at.'],

  ['export', 'object', 'optional', 'exported', 'What happened to an export.'],
  ['export.sink_id', 'text', 'required', 'exported', 'The sink.'],
  ['export.sink_name', 'text', 'required', 'exported', 'The sink\'s name.'],
  ['export.sink_type', 'text', 'required', 'exported', 'The kind of sink.'],
  ['export.from_seq', 'count', 'optional', 'exported', 'The first event it is about.'],
  ['export.to_seq', 'count', 'optional', 'exported', 'The last event it is about.'],
  ['export.count', 'count', 'optional', 'exported', 'How many events it is about.'],
  ['export.reason', 'text', 'optional', 'exported', 'Why, in a sentence.'],
  ['export.asked_by', 'text', 'optional', 'exported', 'The member who asked for it.'],

  ['checkpoint', 'object', 'optional', 'exported', 'A signed head of the stream.'],
  ['checkpoint.size', 'count', 'required', 'exported', 'How many events the head covers.'],
  ['checkpoint.root', 'text', 'required', 'exported', 'Base64 of the tree\'s root.'],
  ['checkpoint.key_id', 'text', 'required', 'exported', 'The key that signed it.'],

  ['key', 'object', 'optional', 'exported', 'A signing key that takes over, announced by the key before it.'],
  ['key.key_epoch', 'count', 'required', 'exported', 'The epoch that may begin with the next event.'],
  ['key.key_id', 'text', 'required', 'exported', 'The first 16 hexadecimal digits of SHA-256 of the public key.'],
  ['key.vkey', 'text', 'required', 'exported', 'The C2SP verifier key.'],
  ['key.note', 'text', 'required', 'exported', 'A C2SP note signed by the key before, naming origin, epoch and verifier key.'],

  ['integrity', 'object', 'required', 'exported', 'The chain.'],
  ['integrity.alg', 'word', 'required', 'exported', 'The hash.', ['sha-256']],
  ['integrity.canon', 'word', 'required', 'exported', 'The canonical form that is hashed.', ['rfc8785']],
  ['integrity.prev_hash', 'hash', 'required', 'exported', 'The hash of the event before; of the genesis text for the first.'],
  ['integrity.hash', 'hash', 'required', 'exported', 'SHA-256 over a zero byte and the event\'s RFC 8785 bytes without this field.'],
  ['integrity.key_epoch', 'count', 'required', 'exported', 'Counts the signing keys of the stream from 1.'],

  ['ext', 'labels', 'optional', 'exported', 'At most 16 labels of the organisation.'],
] as const satisfies readonly Row[];

/**
 * Every field of an audit event, in the order of the documentation: the one source of what is written, accepted and documented.
 * The encoder and the parser are made from it, the protobuf schema and the TypeScript types are held to it by tests, and a field that is
 * not marked `exported` here is never written into an event.
 */
export const FIELD_CATALOGUE: readonly Field[] = FIELD_ROWS.map(([path, type, presence, way, says, words]: Row) => ({
  path,
  type,
  required: presence === 'required',
  exported: way === 'exported',
  says,
  words: words ?? [],
}));
