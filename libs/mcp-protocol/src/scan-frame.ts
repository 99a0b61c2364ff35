import { type Result, ok, refuse } from '@sallyport/kernel';

import { type Draft, newDraft } from './frame-draft.js';
import { FRAME_LIMITS, type Frame, type FrameLimits, type MalformedFrame } from './frame.js';
import { BYTE, JsonScanner } from './json-scanner.js';
import { MalformedSignal, malformed } from './malformed.js';
import type { MetaMemory } from './meta-memory.js';
import { foldedKeys, readId, readStringOr, refuseKnownVariant, spanOf, withoutNul } from './read-members.js';
import { readParams } from './read-params.js';

const TOP_KEYS = foldedKeys(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

/** What the top level was seen to hold, beyond what the frame keeps. */
interface Envelope {
  readonly draft: Draft;
  isVersionTwo: boolean;
  hasMethod: boolean;
  hasResult: boolean;
  hasError: boolean;
}

/**
 * Reads one JSON-RPC message in one pass over its bytes, and refuses every body that two JSON parsers could read differently.
 *
 * What is refused, by `reason`: see `MALFORMED_REASONS` and the table in this library's README. Unknown members are validated
 * and travel untouched, because the bytes are what is forwarded.
 *
 * @param body The whole body, at most `limits.bodyBytes`. Not kept; short strings of the frame may share memory with a copy of it.
 * @param memory What the same sender's last message said of itself; read and written.
 * @see MCP 2025-06-18 and 2026-07-28, "Base protocol"; CVE-2026-27896 for the class of attack.
 */
export function scanFrame(body: Uint8Array, limits: FrameLimits = FRAME_LIMITS, memory?: MetaMemory): Result<Frame, MalformedFrame> {
  if (body.length > limits.bodyBytes) return refuse(malformed('body_too_large', `at most ${limits.bodyBytes} bytes`));
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return refuse(malformed('byte_order_mark', 'at byte 0'));
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  try {
    return ok(readMessage(new JsonScanner(bytes, limits), memory));
  } catch (caught) {
    if (caught instanceof MalformedSignal) return refuse(malformed(caught.reason, `at byte ${caught.offset}`));
    throw caught;
  }
}

function readMessage(scanner: JsonScanner, memory: MetaMemory | undefined): Frame {
  const first = scanner.peek();
  if (first === BYTE.openBracket) scanner.fail('batch');
  if (first !== BYTE.openBrace) scanner.fail(isValueStart(first) ? 'not_an_object' : 'not_json');
  const envelope: Envelope = { draft: newDraft(), isVersionTwo: false, hasMethod: false, hasResult: false, hasError: false };
  scanner.openObject(1);
  for (let key = scanner.nextKey(1, true); key !== undefined; key = scanner.nextKey(1, true)) readTopMember(scanner, envelope, key, memory);
  if (scanner.peek() !== -1) scanner.fail('trailing_bytes');
  settleKind(scanner, envelope);
  return envelope.draft;
}

function isValueStart(byte: number): boolean {
  return byte >= 0 && '"-0123456789tfn'.includes(String.fromCharCode(byte));
}

function readTopMember(scanner: JsonScanner, envelope: Envelope, key: string, memory: MetaMemory | undefined): void {
  const { draft } = envelope;
  switch (key) {
    case 'jsonrpc':
      envelope.isVersionTwo = readStringOr(scanner, 2) === '2.0';
      return;
    case 'id':
      draft.id = readId(scanner);
      draft.spans.id = spanOf(scanner, draft.id);
      return;
    case 'method': {
      const method = readStringOr(scanner, 2);
      if (method === null || method === '') return scanner.fail('not_json_rpc');
      draft.method = withoutNul(scanner, method);
      envelope.hasMethod = true;
      return;
    }
    case 'params':
      readParams(scanner, draft, memory);
      return;
    case 'result':
      envelope.hasResult = true;
      break;
    case 'error':
      envelope.hasError = true;
      break;
    default:
      refuseKnownVariant(scanner, key, TOP_KEYS);
  }
  scanner.value(2, false);
}

function settleKind(scanner: JsonScanner, { draft, isVersionTwo, hasMethod, hasResult, hasError }: Envelope): void {
  if (!isVersionTwo) scanner.fail('not_json_rpc');
  if (hasMethod) {
    if (hasResult || hasError) scanner.fail('not_json_rpc');
    draft.kind = draft.id === null ? 'notification' : 'request';
    return;
  }
  if (hasResult === hasError || draft.id === null) scanner.fail('not_json_rpc');
  draft.kind = 'response';
}
