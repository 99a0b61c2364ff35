import { branded, isJsonObject, type JsonObject } from '@sallyport/kernel';
import type { RpcId } from '@sallyport/mcp-protocol';

import { spanAt } from './json-span.js';

/** One line of a server's stdout, told apart. `value` is for looking at; the bytes are what is passed on. */
export type StdioMessage =
  | { readonly kind: 'response'; readonly id: unknown; readonly value: JsonObject }
  | { readonly kind: 'request'; readonly id: RpcId; readonly method: string; readonly value: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly value: JsonObject }
  | { readonly kind: 'noise' };

/** Reads one line. What is not exactly one JSON-RPC 2.0 message in valid UTF-8 is noise: log lines, banners, batches. */
export function readStdioLine(line: Buffer): StdioMessage {
  const value = parseObject(line);
  if (value === undefined || value['jsonrpc'] !== '2.0') return NOISE;
  const { id, method } = value;
  if (method === undefined) return isAnswer(value) ? { kind: 'response', id, value } : NOISE;
  if (typeof method !== 'string') return NOISE;
  if (id === undefined) return { kind: 'notification', method, value };
  const span = typeof id === 'string' || typeof id === 'number' ? spanAt(line, ['id']) : undefined;
  if (span === undefined) return NOISE;
  return { kind: 'request', id: branded<RpcId>(line.toString('utf8', span.start, span.end)), method, value };
}

const NOISE: StdioMessage = { kind: 'noise' };
const OPEN_BRACE = 0x7b;
const utf8 = new TextDecoder('utf-8', { fatal: true });

function isAnswer(value: JsonObject): boolean {
  return value['id'] !== undefined && (value['result'] === undefined) !== (value['error'] === undefined);
}

function parseObject(line: Buffer): JsonObject | undefined {
  if (line[firstByte(line)] !== OPEN_BRACE) return undefined;
  try {
    const value: unknown = JSON.parse(utf8.decode(line));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function firstByte(line: Buffer): number {
  let at = 0;
  while (line[at] === 0x20 || line[at] === 0x09) at += 1;
  return at;
}
