import { type JsonValue, type Result, ExactNumber, isJsonObject, ok, refuse } from '@sallyport/kernel';

import type { FrameLimits, MalformedFrame } from './frame.js';
import { JsonScanner } from './json-scanner.js';
import { MalformedSignal, malformed } from './malformed.js';

/** What a result that must be held whole (a tool list, `initialize`) may hold: 64 MiB, 64 levels. */
export const RESULT_LIMITS: FrameLimits = {
  bodyBytes: 67_108_864,
  depth: 64,
  keys: 1_000_000,
  stringBytes: 8_388_608,
  arrayItems: 100_000,
};

/**
 * Reads any JSON text as strictly as a frame: no duplicate or prototype keys, no invalid UTF-8, no overflow; numbers exact, objects without prototype.
 *
 * @returns the refusal in a frame's words; its RPC code and status are of no use outside a request.
 */
export function readJson(body: Uint8Array, limits: FrameLimits = RESULT_LIMITS): Result<JsonValue, MalformedFrame> {
  if (body.length > limits.bodyBytes) return refuse(malformed('body_too_large', `at most ${limits.bodyBytes} bytes`));
  const scanner = new JsonScanner(Buffer.from(body.buffer, body.byteOffset, body.byteLength), limits);
  try {
    const value = scanner.value(1, true);
    if (scanner.peek() !== -1) scanner.fail('trailing_bytes');
    return ok(value);
  } catch (caught) {
    if (caught instanceof MalformedSignal) return refuse(malformed(caught.reason, `at byte ${caught.offset}`));
    throw caught;
  }
}

/** Writes a value as JSON text, keys in their order and exact numbers as they were written. Recursive: the depth was bounded when the value was read. */
export function jsonText(value: JsonValue): string {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => jsonText(item)).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [`${JSON.stringify(key)}:${jsonText(member)}`]));
  return `{${members.join(',')}}`;
}
