import { type Draft, type Mutable, NO_META } from './frame-draft.js';
import type { FrameMeta } from './frame.js';
import { BYTE, type JsonScanner } from './json-scanner.js';
import type { MetaMemory } from './meta-memory.js';
import { foldedKeys, readId, readStringOr, refuseKnownVariant, spanOf, withoutNul } from './read-members.js';
import { newJsonObject } from './new-json-object.js';
import { META_KEYS } from './revisions.js';

const PARAMS_KEYS = foldedKeys([
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
const META_KEY_SET = foldedKeys(Object.values(META_KEYS));

/** Reads `params`; `scanner` is at its value. @param memory The sender's. */
export function readParams(scanner: JsonScanner, draft: Draft, memory: MetaMemory | undefined): void {
  if (scanner.peek() !== BYTE.openBrace) scanner.fail('not_json_rpc');
  const start = scanner.at;
  scanner.openObject(2);
  for (let key = scanner.nextKey(2, true); key !== undefined; key = scanner.nextKey(2, true)) readParam(scanner, draft, key, memory);
  draft.spans.params = { start, end: scanner.at };
}

function readParam(scanner: JsonScanner, draft: Draft, key: string, memory: MetaMemory | undefined): void {
  switch (key) {
    case 'name':
      draft.name = readNamed(scanner, draft, key);
      draft.spans.name = spanOf(scanner, draft.name);
      return;
    case 'arguments':
      readArguments(scanner, draft);
      return;
    case '_meta':
      recallMeta(scanner, draft, memory);
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

/** Takes a `_meta` that is the sender's last one as that was read; reads, and remembers, any other. */
function recallMeta(scanner: JsonScanner, draft: Draft, memory: MetaMemory | undefined): void {
  if (memory === undefined || scanner.peek() !== BYTE.openBrace) return void readMeta(scanner, draft);
  const known = memory.recall(scanner.bytes, scanner.at);
  if (known !== undefined && known.keys <= scanner.keysLeft) {
    draft.meta = known.meta;
    if (known.namesClient) draft.clientName = known.meta.clientName;
    return scanner.skip(memory.bytes, known.keys);
  }
  const { at: start, keysLeft } = scanner;
  const namesClient = readMeta(scanner, draft);
  memory.keep(scanner.bytes.subarray(start, scanner.at), { meta: draft.meta, namesClient, keys: keysLeft - scanner.keysLeft });
}

/** Whether it names the client. */
function readMeta(scanner: JsonScanner, draft: Draft): boolean {
  if (scanner.peek() !== BYTE.openBrace) {
    draft.invalidParams ??= 'params._meta must be an object';
    scanner.value(3, false);
    return false;
  }
  const meta: Mutable<FrameMeta> = { ...NO_META };
  draft.meta = meta;
  let namesClient = false;
  scanner.openObject(3);
  for (let key = scanner.nextKey(3, true); key !== undefined; key = scanner.nextKey(3, true)) {
    if (key === META_KEYS.clientInfo) namesClient = true;
    readMetaMember(scanner, draft, key);
  }
  return namesClient;
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
