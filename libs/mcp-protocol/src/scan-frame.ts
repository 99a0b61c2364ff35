import { type JsonObject, type Result, branded, ok, refuse } from '@sallyport/kernel';

import { FRAME_LIMITS, type Frame, type FrameLimits, type FrameMeta, type FrameSpans, type MalformedFrame, type RpcId, type Span } from './frame.js';
import { BYTE, JsonScanner } from './json-scanner.js';
import { foldKey } from './key-fold.js';
import { MalformedSignal, malformed } from './malformed.js';
import { newJsonObject } from './new-json-object.js';
import { META_KEYS } from './revisions.js';

const NO_ARGS: JsonObject = Object.freeze(newJsonObject());
const NO_KEYS: readonly string[] = Object.freeze([]);
const NO_META: FrameMeta = Object.freeze({
  protocolVersion: null,
  claimsRevision: false,
  hasClientCapabilities: false,
  clientName: null,
  progressToken: null,
});

/** Known keys by their folded form, per guarded object: an unknown key that folds to one of them is an attack or a bug. */
const TOP_KEYS = foldedSet(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);
const PARAMS_KEYS = foldedSet([
  'name',
  'arguments',
  'uri',
  'taskId',
  'cursor',
  'requestId',
  'reason',
  'protocolVersion',
  'clientInfo',
  'capabilities',
  '_meta',
  'task',
  'requestState',
  'inputResponses',
  'ref',
  'argument',
  'context',
  'level',
  'progressToken',
  'progress',
  'notifications',
]);
const META_KEY_SET = foldedSet(Object.values(META_KEYS));

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };
type Draft = Mutable<Omit<Frame, 'meta' | 'spans'>> & { meta: Mutable<FrameMeta>; spans: Mutable<FrameSpans> };

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
 * @see MCP 2025-06-18 and 2026-07-28, "Base protocol"; CVE-2026-27896 for the class of attack.
 */
export function scanFrame(body: Uint8Array, limits: FrameLimits = FRAME_LIMITS): Result<Frame, MalformedFrame> {
  if (body.length > limits.bodyBytes) return refuse(malformed('body_too_large', `at most ${limits.bodyBytes} bytes`));
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return refuse(malformed('byte_order_mark', 'at byte 0'));
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  try {
    return ok(readMessage(new JsonScanner(bytes, limits)));
  } catch (caught) {
    if (caught instanceof MalformedSignal) return refuse(malformed(caught.reason, `at byte ${caught.offset}`));
    throw caught;
  }
}

function readMessage(scanner: JsonScanner): Frame {
  const first = scanner.peek();
  if (first === BYTE.openBracket) scanner.fail('batch');
  if (first !== BYTE.openBrace) scanner.fail(isValueStart(first) ? 'not_an_object' : 'not_json');
  const envelope: Envelope = { draft: newDraft(), isVersionTwo: false, hasMethod: false, hasResult: false, hasError: false };
  scanner.openObject(1);
  for (let key = scanner.nextKey(1, true); key !== undefined; key = scanner.nextKey(1, true)) readTopMember(scanner, envelope, key);
  if (scanner.peek() !== -1) scanner.fail('trailing_bytes');
  settleKind(scanner, envelope);
  return envelope.draft;
}

function isValueStart(byte: number): boolean {
  return byte >= 0 && '"-0123456789tfn'.includes(String.fromCharCode(byte));
}

function newDraft(): Draft {
  return {
    kind: 'request',
    id: null,
    method: '',
    name: null,
    uri: null,
    taskId: null,
    cursor: null,
    cancelledId: null,
    askedVersion: null,
    clientName: null,
    args: NO_ARGS,
    argsBytes: 0,
    argumentKeys: NO_KEYS,
    meta: NO_META,
    hasInputResponses: false,
    hasRequestState: false,
    hasTask: false,
    invalidParams: null,
    spans: { id: null, params: null, name: null, uri: null, args: null, progressToken: null, cancelledId: null },
  };
}

function readTopMember(scanner: JsonScanner, envelope: Envelope, key: string): void {
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
      readParams(scanner, draft);
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

function readParams(scanner: JsonScanner, draft: Draft): void {
  if (scanner.peek() !== BYTE.openBrace) scanner.fail('not_json_rpc');
  const start = scanner.at;
  scanner.openObject(2);
  for (let key = scanner.nextKey(2, true); key !== undefined; key = scanner.nextKey(2, true)) readParam(scanner, draft, key);
  draft.spans.params = { start, end: scanner.at };
}

function readParam(scanner: JsonScanner, draft: Draft, key: string): void {
  switch (key) {
    case 'name':
      draft.name = readNamed(scanner, draft, key);
      draft.spans.name = spanOf(scanner, draft.name);
      return;
    case 'arguments':
      readArguments(scanner, draft);
      return;
    case '_meta':
      readMeta(scanner, draft);
      return;
    case 'uri':
      draft.uri = readNamed(scanner, draft, key);
      draft.spans.uri = spanOf(scanner, draft.uri);
      return;
    case 'taskId':
      draft.taskId = readNamed(scanner, draft, key);
      return;
    case 'cursor':
      draft.cursor = readNamed(scanner, draft, key);
      return;
    case 'protocolVersion':
      draft.askedVersion = readNamed(scanner, draft, key);
      return;
    case 'requestId':
      draft.cancelledId = readId(scanner);
      draft.spans.cancelledId = spanOf(scanner, draft.cancelledId);
      return;
    case 'clientInfo':
      draft.clientName ??= readInfoName(scanner, 3);
      return;
    case 'inputResponses':
      draft.hasInputResponses = true;
      break;
    case 'requestState':
      draft.hasRequestState = true;
      break;
    case 'task':
      draft.hasTask = true;
      break;
    default:
      refuseKnownVariant(scanner, key, PARAMS_KEYS);
  }
  scanner.value(3, false);
}

function readArguments(scanner: JsonScanner, draft: Draft): void {
  const first = scanner.peek();
  const start = scanner.at;
  if (first === BYTE.openBrace) readArgumentMembers(scanner, draft);
  else if (scanner.value(3, first !== BYTE.openBracket) !== null) draft.invalidParams ??= 'params.arguments must be an object';
  draft.spans.args = { start, end: scanner.at };
  draft.argsBytes = scanner.at - start;
}

function readArgumentMembers(scanner: JsonScanner, draft: Draft): void {
  const args = newJsonObject();
  const keys: string[] = [];
  scanner.openObject(3);
  for (let key = scanner.nextKey(3, false); key !== undefined; key = scanner.nextKey(3, false)) {
    args[key] = scanner.value(4, true);
    keys.push(key);
  }
  draft.args = args;
  draft.argumentKeys = keys;
}

function readMeta(scanner: JsonScanner, draft: Draft): void {
  if (scanner.peek() !== BYTE.openBrace) {
    draft.invalidParams ??= 'params._meta must be an object';
    scanner.value(3, false);
    return;
  }
  const meta: Mutable<FrameMeta> = { ...NO_META };
  draft.meta = meta;
  scanner.openObject(3);
  for (let key = scanner.nextKey(3, true); key !== undefined; key = scanner.nextKey(3, true)) readMetaMember(scanner, draft, key);
}

function readMetaMember(scanner: JsonScanner, draft: Draft, key: string): void {
  switch (key) {
    case META_KEYS.protocolVersion:
      draft.meta.claimsRevision = true;
      draft.meta.protocolVersion = readStringOr(scanner, 4);
      return;
    case META_KEYS.clientCapabilities:
      draft.meta.hasClientCapabilities = scanner.peek() === BYTE.openBrace;
      break;
    case META_KEYS.clientInfo:
      draft.meta.clientName = readInfoName(scanner, 4);
      draft.clientName = draft.meta.clientName;
      return;
    case META_KEYS.progressToken: {
      scanner.peek();
      const start = scanner.at;
      scanner.value(4, false);
      draft.spans.progressToken = { start, end: scanner.at };
      draft.meta.progressToken = scanner.bytes.toString('utf8', start, scanner.at);
      return;
    }
    default:
      refuseKnownVariant(scanner, key, META_KEY_SET);
  }
  scanner.value(4, false);
}

/** `name` of an `Implementation` object at `depth`; `null` when it has none. */
function readInfoName(scanner: JsonScanner, depth: number): string | null {
  if (scanner.peek() !== BYTE.openBrace) {
    scanner.value(depth, false);
    return null;
  }
  let name: string | null = null;
  scanner.openObject(depth);
  for (let key = scanner.nextKey(depth, false); key !== undefined; key = scanner.nextKey(depth, false)) {
    if (key === 'name') name = readStringOr(scanner, depth + 1);
    else scanner.value(depth + 1, false);
  }
  return name === null ? null : withoutNul(scanner, name);
}

/** A known string member of `params`; of another type it is `null` and the frame remembers the complaint. */
function readNamed(scanner: JsonScanner, draft: Draft, key: string): string | null {
  const text = readStringOr(scanner, 3);
  if (text === null) {
    draft.invalidParams ??= `params.${key} must be a string`;
    return null;
  }
  return withoutNul(scanner, text);
}

function readStringOr(scanner: JsonScanner, depth: number): string | null {
  if (scanner.peek() === BYTE.quote) return scanner.readString();
  scanner.value(depth, false);
  return null;
}

/** PostgreSQL cannot store a NUL, and C programs end a name there: names with one are refused rather than read two ways. */
function withoutNul(scanner: JsonScanner, text: string): string {
  return text.includes('\0') ? scanner.fail('nul_character') : text;
}

function readId(scanner: JsonScanner): RpcId {
  const first = scanner.peek();
  if (first !== BYTE.quote && first !== 0x2d && !(first >= 0x30 && first <= 0x39)) scanner.fail('not_json_rpc');
  const start = scanner.at;
  scanner.value(2, false);
  scanner.lastStart = start;
  return branded<RpcId>(scanner.bytes.toString('utf8', start, scanner.at));
}

function spanOf(scanner: JsonScanner, value: string | null): Span | null {
  return value === null ? null : { start: scanner.lastStart, end: scanner.at };
}

function refuseKnownVariant(scanner: JsonScanner, key: string, known: ReadonlyMap<string, string>): void {
  const exact = known.get(foldKey(key));
  if (exact !== undefined && exact !== key) scanner.fail('key_variant');
}

function foldedSet(keys: readonly string[]): ReadonlyMap<string, string> {
  return new Map(keys.map((key) => [foldKey(key), key]));
}
