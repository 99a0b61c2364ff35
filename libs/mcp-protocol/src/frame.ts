import type { Brand, JsonObject } from '@sallyport/kernel';

import type { RPC_CODES } from './rpc-codes.js';

/** A JSON-RPC id as its JSON source text, so that `1`, `1.0` and `"1"` stay three ids and no digit is lost. Never `null`. */
export type RpcId = Brand<string, 'RpcId'>;

/** Byte offsets [start, end) of a JSON value in the scanned body. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What one body may hold at most. Sizes count source bytes: an escape counts as written. */
export interface FrameLimits {
  readonly bodyBytes: number;
  /** Nested objects and arrays; the message itself is level 1. */
  readonly depth: number;
  /** Object keys in the whole message. */
  readonly keys: number;
  /** Bytes between the quotes of one string or key. */
  readonly stringBytes: number;
  /** Elements of one array. */
  readonly arrayItems: number;
}

/** The defaults: 1 MiB, 32 levels, 10,000 keys, 256 KiB a string, 10,000 elements an array. */
export const FRAME_LIMITS: FrameLimits = {
  bodyBytes: 1_048_576,
  depth: 32,
  keys: 10_000,
  stringBytes: 262_144,
  arrayItems: 10_000,
};

/** Why a body is not a frame. A closed set; goes into logs and records. */
export const MALFORMED_REASONS = [
  'body_too_large',
  'not_json',
  'byte_order_mark',
  'invalid_utf8',
  'trailing_bytes',
  'batch',
  'not_an_object',
  'lone_surrogate',
  'nul_character',
  'duplicate_key',
  'key_variant',
  'escaped_key',
  'forbidden_key',
  'too_deep',
  'too_many_keys',
  'string_too_long',
  'array_too_long',
  'number_overflow',
  'not_json_rpc',
] as const;
export type MalformedReason = (typeof MALFORMED_REASONS)[number];

/** A body that is not one readable frame. `message` is for the caller: it names the rule and a byte offset, never a value. */
export interface MalformedFrame {
  readonly rpcCode: typeof RPC_CODES.parseError | typeof RPC_CODES.invalidRequest;
  readonly status: 400 | 413;
  readonly reason: MalformedReason;
  readonly message: string;
}

/** What `params._meta` says about the request itself (revision 2026-07-28). Everything else in it travels in the bytes. */
export interface FrameMeta {
  /** `io.modelcontextprotocol/protocolVersion`; `null` when absent or not a string. */
  readonly protocolVersion: string | null;
  /** Whether the protocol version key is there at all, of whatever type: the claim to be a modern request. */
  readonly claimsRevision: boolean;
  /** Whether `io.modelcontextprotocol/clientCapabilities` is there and an object. */
  readonly hasClientCapabilities: boolean;
  /** `name` of `io.modelcontextprotocol/clientInfo`. */
  readonly clientName: string | null;
  /** Source text of `progressToken`. */
  readonly progressToken: string | null;
}

/** Where values lie that a gateway may have to rewrite; `null` when absent. */
export interface FrameSpans {
  readonly id: Span | null;
  readonly params: Span | null;
  /** The value of `params.name`, quotes included. */
  readonly name: Span | null;
  readonly uri: Span | null;
  readonly args: Span | null;
  readonly progressToken: Span | null;
  readonly cancelledId: Span | null;
}

/** One JSON-RPC message whose bytes were proven to mean the same to every JSON parser. The bytes themselves are what is forwarded. */
export interface Frame {
  readonly kind: 'request' | 'notification' | 'response';
  /** `null` for notifications only. */
  readonly id: RpcId | null;
  /** `''` for responses only. */
  readonly method: string;
  /** `params.name` (tools, prompts). */
  readonly name: string | null;
  /** `params.uri` (resources). */
  readonly uri: string | null;
  /** `params.taskId` (tasks). */
  readonly taskId: string | null;
  /** `params.cursor` (lists). */
  readonly cursor: string | null;
  /** `params.requestId` of `notifications/cancelled`. */
  readonly cancelledId: RpcId | null;
  /** `params.protocolVersion` of `initialize`. */
  readonly askedVersion: string | null;
  /** Who calls, as it says itself: `_meta` client info, else `params.clientInfo.name` of `initialize`. */
  readonly clientName: string | null;
  /** `params.arguments`, without prototypes, numbers exact (`ExactNumber`); empty when absent or `null`. */
  readonly args: JsonObject;
  /** Bytes of the arguments' source text; 0 when absent. */
  readonly argsBytes: number;
  /** Top-level argument names in the order received. */
  readonly argumentKeys: readonly string[];
  readonly meta: FrameMeta;
  /** `params.inputResponses` is there: a retry after `input_required`. */
  readonly hasInputResponses: boolean;
  /** `params.requestState` is there. */
  readonly hasRequestState: boolean;
  /** `params.task` is there: the legacy request to run as a task. */
  readonly hasTask: boolean;
  /** A sentence when a known member of `params` has the wrong type; the method then gets −32602 and is never forwarded. */
  readonly invalidParams: string | null;
  readonly spans: FrameSpans;
}
