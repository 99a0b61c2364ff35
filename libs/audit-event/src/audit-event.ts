import type { AdminObject, AuditEventType, Severity } from './audit-event-types.js';

/** The version of the schema, the first field that a reader looks at. */
export const AUDIT_SCHEMA = 'sallyport.audit/1';

/** The stream of what belongs to no organisation: workers' starts, sign-ins with an unknown token. */
export const DEPLOYMENT_STREAM = '_deployment';

/** How a call ended: INTERFACE words, the same everywhere. `success` and `failure` are those of sign-ins and administration. */
export type AuditOutcome = 'allowed' | 'denied' | 'limited' | 'approval_required' | 'abandoned' | 'error' | 'success' | 'failure';

/** Who acted, as far as it was verified. */
export interface AuditActor {
  /** The calling identity, or the member who administrates. Absent for what nobody could be made responsible for. */
  readonly identity_id?: string;
  readonly kind: 'agent' | 'human' | 'service' | 'member' | 'system' | 'unknown';
  readonly name?: string;
  readonly owner_id?: string;
  /** The token's id, never the token. */
  readonly credential_id?: string;
  readonly credential_kind?: 'grant_token' | 'admin_token' | 'oidc';
  readonly auth_method?: 'bearer' | 'oidc' | 'none';
  readonly issuer?: string;
  readonly subject?: string;
  readonly roles?: readonly string[];
  readonly act_chain?: readonly string[];
}

/** What the client says of itself; nothing here is verified. */
export interface AuditClient {
  readonly name?: string;
  readonly version?: string;
  readonly user_agent?: string;
  readonly unverified: true;
}

/** Where a request came from. */
export interface AuditSource {
  readonly ip?: string;
  readonly port?: number;
  readonly forwarded_for?: readonly string[];
  readonly tls?: { readonly version?: string; readonly client_cert_fp?: string };
}

/** Which part of Sallyport saw it. */
export interface AuditGateway {
  readonly instance_id: string;
  readonly version?: string;
  readonly region?: string;
}

/** The server that was called. */
export interface AuditServer {
  readonly id: string;
  /** Its slug at that time. */
  readonly alias?: string;
  readonly name?: string;
  readonly version?: string;
  readonly host?: string;
}

/** The MCP request. */
export interface AuditMcp {
  readonly method?: string;
  readonly protocol_version?: string;
  /** JSON text of the request's id. */
  readonly request_id?: string;
  readonly flow_id?: string;
  readonly tool?: string;
  readonly tool_upstream?: string;
  readonly definition_hash?: string;
  /** The reviewed class of the tool: `Read`, `Write`, `Execute`, `Destructive`, `Financial`. */
  readonly effect?: string;
  readonly resource_uri?: string;
  readonly prompt?: string;
  readonly round?: number;
}

/** What was decided, and by what. */
export interface AuditDecision {
  /** `event_id` of the call's `call.decided`. */
  readonly decision_id: string;
  readonly effect?: 'allow' | 'deny';
  readonly reason_code?: string;
  readonly mode?: 'enforced' | 'shadow';
  readonly policy_id?: string;
  readonly policy_version?: number;
  readonly policy_hash?: string;
  readonly policy_age_ms?: number;
  /** The organisation's revision the decision was made at. */
  readonly revision?: number;
  readonly grant_id?: string;
  readonly rule_ids?: readonly string[];
  readonly approval_id?: string;
  /** What the rules ask for beyond the verdict, such as approvals: texts of at most 256 characters. */
  readonly obligations?: readonly string[];
  /** The counters that were charged, with plain decimal units. */
  readonly limits?: readonly { readonly key: string; readonly units: string; readonly window_start: string; readonly window_end: string }[];
  /** The charges were given back, because nothing was done. */
  readonly limits_released?: true;
  readonly flow_before?: readonly string[];
  readonly flow_after?: readonly string[];
  /** How the record was kept before the call went on. */
  readonly audit_mode?: 'process' | 'disk' | 'bus';
  /** What a version in shadow said, where it disagreed. */
  readonly shadow?: { readonly policy_version: number; readonly relation: string; readonly effect: 'allow' | 'deny'; readonly rule_id: string; readonly reason_code?: string };
}

/** What was taken out of a message, and by which rule; never the value. */
export interface AuditRedaction {
  /** JSON Pointer into the message. */
  readonly path: string;
  readonly rule: string;
  readonly action: 'mask' | 'hash' | 'remove';
}

/** The arguments: names, a digest and a size. Values only as a sealed excerpt. */
export interface AuditRequest {
  readonly argument_keys?: readonly string[];
  /** HMAC-SHA256 over RFC 8785 of the whole arguments, salted per organisation. */
  readonly args_digest?: string;
  readonly args_bytes?: number;
  /** What the policy keeps of values, sealed under a key of the identity, which an erasure destroys: opaque text. */
  readonly args_excerpt?: string;
  readonly redactions?: readonly AuditRedaction[];
  /** JSON Pointers of fields of this event that were cut. */
  readonly truncated?: readonly string[];
}

/** What came back. */
export interface AuditResponse {
  readonly status: 'not_called' | 'ok' | 'tool_error' | 'rpc_error' | 'transport_error' | 'timeout' | 'cancelled';
  readonly rpc_code?: number;
  readonly http_status?: number;
  readonly result_digest?: string;
  readonly result_bytes?: number;
  readonly redactions?: readonly AuditRedaction[];
  /** How many values were taken out in all. */
  readonly redactions_count?: number;
  readonly truncated?: readonly string[];
}

/** Microseconds, whole. */
export interface AuditTiming {
  readonly gateway_us?: number;
  readonly upstream_us?: number;
  readonly queue_us?: number;
}

/** Ours; the caller's is kept as `peer_trace_id`, which is not verified. */
export interface AuditTrace {
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly peer_trace_id?: string;
}

/** What an administrator, or the system, changed. */
export interface AuditAdmin {
  readonly action: string;
  readonly object_type: AdminObject;
  readonly object_id: string;
  /** The organisation's revision that the change made. */
  readonly revision?: number;
  /** SHA-256 of the object's RFC 8785 form before; absent where there was none. */
  readonly before_hash?: string;
  readonly after_hash?: string;
  /** RFC 6902; a member that is a secret, or may hold one, has the value `"<secret>"`. */
  readonly patch?: readonly { readonly op: 'add' | 'remove' | 'replace'; readonly path: string; readonly value?: unknown }[];
  readonly reason?: string;
}

/** What was counted together in one record: refused sign-ins of one source and minute. */
export interface AuditCounted {
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

/** What a list that was served showed. */
export interface AuditList {
  /** How many tools it named. */
  readonly shown: number;
  /** How many approved tools it left out: the policy allows no call of them, or they are quarantined. */
  readonly hidden: number;
  readonly grant_id?: string;
  /** The policy that chose; absent where the grant has none in force. */
  readonly policy_id?: string;
  readonly policy_version?: number;
  /** The organisation's revision the list was made at. */
  readonly revision?: number;
}

/** What happened to an export. */
export interface AuditExport {
  readonly sink_id: string;
  readonly sink_name: string;
  readonly sink_type: string;
  readonly from_seq?: number;
  readonly to_seq?: number;
  readonly count?: number;
  readonly reason?: string;
  /** Who asked for a replay, a pause or a resumption: a member's id. */
  readonly asked_by?: string;
}

/** A signed head of the stream. */
export interface AuditCheckpoint {
  readonly size: number;
  /** Base64 of the tree's root. */
  readonly root: string;
  readonly key_id: string;
}

/** A signing key that takes over, announced by the key before it: what an `audit.key_announced` says. */
export interface AuditKeyAnnouncement {
  /** The epoch that may begin with the next event. */
  readonly key_epoch: number;
  /** The first 16 hexadecimal digits of SHA-256 of the public key, as the record signer names it. */
  readonly key_id: string;
  /** The C2SP verifier key: `<name>+<hash8>+<base64>`. */
  readonly vkey: string;
  /** A C2SP note, signed by the key before, whose text names origin, epoch and verifier key. */
  readonly note: string;
}

/** The chain. */
export interface AuditIntegrity {
  readonly alg: 'sha-256';
  readonly canon: 'rfc8785';
  /** 64 hexadecimal digits: the hash of the event before; of the genesis text for the first. */
  readonly prev_hash: string;
  /** SHA-256 over `0x00` and the event's RFC 8785 bytes without this field. */
  readonly hash: string;
  /** Counts the signing keys of the stream from 1. */
  readonly key_epoch: number;
}

/** What happened, before it has its place in a stream. A field that is not known is absent, never null. */
export interface AuditFact {
  /** UUIDv7; of a `call.decided` the decision's id, which the caller was told. */
  readonly event_id: string;
  /** Absent in the deployment's own stream. */
  readonly organisation_id?: string;
  /** RFC 3339 in UTC with six decimals. */
  readonly time: string;
  readonly type: AuditEventType;
  readonly outcome?: AuditOutcome;
  readonly severity: Severity;
  readonly actor?: AuditActor;
  readonly client?: AuditClient;
  readonly source?: AuditSource;
  readonly gateway?: AuditGateway;
  readonly server?: AuditServer;
  readonly mcp?: AuditMcp;
  readonly decision?: AuditDecision;
  readonly request?: AuditRequest;
  readonly response?: AuditResponse;
  readonly timing?: AuditTiming;
  readonly trace?: AuditTrace;
  readonly admin?: AuditAdmin;
  readonly counted?: AuditCounted;
  /** A stable word that says why, where no decision does: of a refused sign-in, a worker out of date, a journal that is full. */
  readonly reason?: string;
  readonly list?: AuditList;
  readonly export?: AuditExport;
  readonly checkpoint?: AuditCheckpoint;
  readonly key?: AuditKeyAnnouncement;
  /** At most 16 labels of the organisation. */
  readonly ext?: Readonly<Record<string, string>>;
}

/** An audit event in its place: what is stored, chained, exported and verified. The JSON of the wire is exactly this. */
export interface AuditEvent extends AuditFact {
  readonly schema: typeof AUDIT_SCHEMA;
  /** The organisation's id, or `_deployment`. */
  readonly stream: string;
  /** 1, 2, 3 … in its stream, without a gap. */
  readonly seq: number;
  /** When the sequencer took it: RFC 3339 in UTC with six decimals. */
  readonly observed_time: string;
  readonly integrity: AuditIntegrity;
}
