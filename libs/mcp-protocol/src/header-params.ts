import { type JsonObject, type JsonValue, ExactNumber, compareDecimals, isJsonObject, parseDecimal } from '@sallyport/kernel';

import type { Frame } from './frame.js';
import { nameSourceOf } from './methods.js';
import { decodeMirroredValue, encodeMirroredValue } from './mirrored-value.js';
import type { HeaderView } from './read-headers.js';
import type { Refusal } from './refusal.js';
import { RPC_CODES } from './rpc-codes.js';

/** One argument that a tool's schema wants mirrored in a header (`x-mcp-header`). */
export interface HeaderParam {
  /** As declared; the header is `Mcp-Param-<header>`. */
  readonly header: string;
  /** Property names from the arguments object down to the value. */
  readonly path: readonly string[];
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const MIRRORED_TYPES: readonly unknown[] = ['string', 'integer', 'boolean'];
const MAX_DEPTH = 32;

/**
 * The `x-mcp-header` map of a tool definition. Empty when there is none, and also when one declaration is invalid (a name that is
 * no header token or comes twice, a type that is not string, integer or boolean): clients must drop such a tool, so nobody sends its headers.
 *
 * Only `properties` chains count: a value under `items`, `anyOf` or `$ref` is not statically reachable.
 *
 * @param tool A definition as listed; its depth was bounded when it was admitted, and is bounded here again.
 * @see MCP 2026-07-28, "Streamable HTTP", custom headers (SEP-2243).
 */
export function headerParams(tool: JsonObject): readonly HeaderParam[] {
  const found: HeaderParam[] = [];
  const isValid = collect(tool['inputSchema'], [], found);
  const names = new Set(found.map(({ header }) => header.toLowerCase()));
  return isValid && names.size === found.length ? found : [];
}

function collect(schema: JsonValue | undefined, path: readonly string[], found: HeaderParam[]): boolean {
  if (!isJsonObject(schema) || path.length > MAX_DEPTH) return true;
  const header = schema['x-mcp-header'];
  if (header !== undefined) {
    if (typeof header !== 'string' || !TOKEN.test(header) || path.length === 0) return false;
    if (!MIRRORED_TYPES.includes(schema['type'])) return false;
    found.push({ header, path });
  }
  const properties = schema['properties'];
  if (!isJsonObject(properties)) return true;
  return Object.entries(properties).every(([name, property]) => collect(property, [...path, name], found));
}

/**
 * Checks the mirrored arguments of a modern `tools/call`: each declared argument that the body carries must have its header,
 * saying the same. An argument that is absent or `null` needs none, and a header sent for it says nothing.
 *
 * @returns `undefined` when they agree, else HTTP 400 with −32020. Numbers compare by value, everything else as text.
 */
export function checkParamHeaders(declared: readonly HeaderParam[], headers: HeaderView, args: JsonObject): Refusal | undefined {
  for (const { header, path } of declared) {
    const value = valueAt(args, path);
    const text = mirroredText(value);
    if (value === undefined || text === undefined) continue;
    const sent = headers.params.get(header.toLowerCase());
    if (sent === undefined) return disagreement(header, 'is missing');
    const decoded = decodeMirroredValue(sent);
    if (decoded === undefined) return disagreement(header, 'is not valid base64 of UTF-8');
    if (decoded !== text && !isSameNumber(value, decoded)) return disagreement(header, 'is not what the body says');
  }
  return undefined;
}

/**
 * The headers that mirror a modern frame, to be sent upstream in place of the client's own.
 *
 * @param name What `params.name`, `uri` or `taskId` will be when it was rewritten; else the frame's own.
 */
export function mirrorHeaders(frame: Frame, declared: readonly HeaderParam[], name?: string): readonly (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [['Mcp-Method', frame.method]];
  const source = nameSourceOf(frame.method);
  const mirrored = source === undefined ? null : (name ?? frame[source]);
  if (mirrored !== null) headers.push(['Mcp-Name', encodeMirroredValue(mirrored)]);
  for (const { header, path } of declared) {
    const text = mirroredText(valueAt(frame.args, path));
    if (text !== undefined) headers.push([`Mcp-Param-${header}`, encodeMirroredValue(text)]);
  }
  return headers;
}

function valueAt(args: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = args;
  for (const name of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function mirroredText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value instanceof ExactNumber ? value.text : undefined;
}

function isSameNumber(value: JsonValue, text: string): boolean {
  if (typeof value !== 'number' && !(value instanceof ExactNumber)) return false;
  const left = parseDecimal(value);
  const right = parseDecimal(text);
  return left !== undefined && right !== undefined && compareDecimals(left, right) === 0;
}

function disagreement(header: string, what: string): Refusal {
  return {
    httpStatus: 400,
    rpcCode: RPC_CODES.headerMismatch,
    message: `Headers and body disagree: Mcp-Param-${header} ${what}.`,
    reason: 'header_mismatch',
  };
}
