import type { MalformedFrame, MalformedReason } from './frame.js';
import { RPC_CODES } from './rpc-codes.js';

/** Thrown inside the scan, caught at its door: unwinding by return values would cost every clean frame. */
export class MalformedSignal extends Error {
  constructor(
    readonly reason: MalformedReason,
    /** Byte offset where the rule broke. */
    readonly offset: number,
  ) {
    super(reason);
  }
}

const SENTENCES: Readonly<Record<MalformedReason, string>> = {
  body_too_large: 'The body is larger than this gateway accepts',
  not_json: 'The body is not valid JSON',
  byte_order_mark: 'The body starts with a byte order mark',
  invalid_utf8: 'The body is not valid UTF-8',
  trailing_bytes: 'The body goes on after the message',
  batch: 'JSON-RPC batches are not accepted',
  not_an_object: 'The body is not a JSON object',
  lone_surrogate: 'A string holds half of a surrogate pair',
  nul_character: 'A name holds a NUL character',
  duplicate_key: 'An object names the same key twice',
  key_variant: 'A key differs only by letter case from a key of the protocol or from its neighbour',
  escaped_key: 'A key of the envelope is written with escapes',
  forbidden_key: 'A key could change the prototype of an object',
  too_deep: 'The message is nested too deeply',
  too_many_keys: 'The message has too many keys',
  string_too_long: 'A string is longer than this gateway accepts',
  array_too_long: 'An array is longer than this gateway accepts',
  number_overflow: 'A number is larger than a double can hold',
  not_json_rpc: 'The message is not a JSON-RPC 2.0 request, notification or response',
};

const PARSE_ERRORS: ReadonlySet<MalformedReason> = new Set<MalformedReason>([
  'not_json',
  'byte_order_mark',
  'invalid_utf8',
  'trailing_bytes',
]);

const SIZE_ERRORS: ReadonlySet<MalformedReason> = new Set<MalformedReason>([
  'body_too_large',
  'too_many_keys',
  'string_too_long',
  'array_too_long',
]);

/** The refusal of a body: −32700 where it is not JSON at all, else −32600; HTTP 413 where something is too large, else 400. */
export function malformed(reason: MalformedReason, detail: string): MalformedFrame {
  return {
    rpcCode: PARSE_ERRORS.has(reason) ? RPC_CODES.parseError : RPC_CODES.invalidRequest,
    status: SIZE_ERRORS.has(reason) ? 413 : 400,
    reason,
    message: `${SENTENCES[reason]} (${detail}).`,
  };
}
