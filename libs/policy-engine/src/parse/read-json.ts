import { ExactNumber, refuse, ok, type JsonObject, type JsonValue, type Result } from '@sallyport/kernel';

import { FindingList, pointerToken, type FindingCode, type PolicyFinding } from '../finding.js';

const MAX_BYTES = 262_144;
const MAX_LEVELS = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const LONE_SURROGATE = /\p{Cs}/u;
const CONTROL = /[\u0000-\u001f]/;
const WORDS: Readonly<Record<string, JsonValue>> = { true: true, false: false, null: null };

interface Cursor {
  readonly text: string;
  readonly findings: FindingList;
  at: number;
}

/**
 * Reads a JSON text strictly (RFC 8259) with numbers kept exact, in time linear in its length.
 *
 * Refuses more than `maxBytes` in UTF-8, by default 256 KiB, more than 64 levels, duplicate keys, lone surrogates and anything after the value.
 * Objects have no prototype. Duplicate keys are all reported; at the first error of form reading stops.
 */
export function readJson(text: string, maxBytes = MAX_BYTES): Result<JsonValue, readonly PolicyFinding[]> {
  const findings = new FindingList('error');
  if (isLargerThan(text, maxBytes)) {
    findings.add('too_large', '', `The document is larger than ${Math.floor(maxBytes / 1_024)} KiB.`);
    return refuse(findings.all());
  }
  const cursor: Cursor = { text, findings, at: 0 };
  const value = readValue(cursor, '', 1);
  if (value !== undefined && skipSpace(cursor) < text.length) stop(cursor, '', 'there is something after the end of the document');
  return value === undefined || !findings.isEmpty ? refuse(findings.all()) : ok(value);
}

/** Undefined means reading has stopped and the finding is made; so it does in every function below. */
function readValue(cursor: Cursor, pointer: string, level: number): JsonValue | undefined {
  const code = cursor.text.charCodeAt(skipSpace(cursor));
  if (code === 0x7b || code === 0x5b) {
    if (level > MAX_LEVELS) return stop(cursor, pointer, 'The document is nested more than 64 levels deep.', 'too_deep');
    return code === 0x7b ? readObject(cursor, pointer, level) : readList(cursor, pointer, level);
  }
  if (code === 0x22) return readString(cursor, pointer);
  const number = match(cursor, NUMBER);
  if (number !== undefined) return exactly(number);
  const word = match(cursor, WORD);
  return word === undefined ? stop(cursor, pointer, 'a value is missing here') : (WORDS[word] ?? null);
}

function readObject(cursor: Cursor, pointer: string, level: number): JsonObject | undefined {
  const object = Object.create(null) as Record<string, JsonValue>;
  cursor.at += 1;
  if (take(cursor, '}')) return object;
  do {
    if (cursor.text[skipSpace(cursor)] !== '"') return stop(cursor, pointer, 'a key in double quotes is missing here');
    const key = readString(cursor, pointer);
    if (key === undefined) return undefined;
    if (!take(cursor, ':')) return stop(cursor, pointer, 'a colon is missing after the key');
    const inside = `${pointer}/${pointerToken(key)}`;
    const value = readValue(cursor, inside, level + 1);
    if (value === undefined) return undefined;
    if (key in object) cursor.findings.add('duplicate_key', inside, 'This key stands twice in its object.');
    object[key] = value;
  } while (take(cursor, ','));
  return take(cursor, '}') ? object : stop(cursor, pointer, 'a comma or } is missing here');
}

function readList(cursor: Cursor, pointer: string, level: number): readonly JsonValue[] | undefined {
  const list: JsonValue[] = [];
  cursor.at += 1;
  if (take(cursor, ']')) return list;
  do {
    const value = readValue(cursor, `${pointer}/${list.length}`, level + 1);
    if (value === undefined) return undefined;
    list.push(value);
  } while (take(cursor, ','));
  return take(cursor, ']') ? list : stop(cursor, pointer, 'a comma or ] is missing here');
}

function readString(cursor: Cursor, pointer: string): string | undefined {
  const { text } = cursor;
  let end = cursor.at + 1;
  let escaped = false;
  for (let code = text.charCodeAt(end); code !== 0x22; code = text.charCodeAt(end)) {
    if (Number.isNaN(code)) return stop(cursor, pointer, 'a text is not closed');
    escaped ||= code === 0x5c;
    end += code === 0x5c ? 2 : 1;
  }
  const raw = text.slice(cursor.at, end + 1);
  const value = escaped || CONTROL.test(raw) ? unescape(raw) : raw.slice(1, -1);
  if (value === undefined) return stop(cursor, pointer, 'a text holds a bad escape or a control character');
  if (LONE_SURROGATE.test(value)) return stop(cursor, pointer, 'a text holds half of a surrogate pair');
  cursor.at = end + 1;
  return value;
}

function unescape(raw: string): string | undefined {
  try {
    return JSON.parse(raw) as string;
  } catch {
    return undefined;
  }
}

/** A plain number where a double holds the value exactly enough to be told from every other of 15 digits. */
function exactly(text: string): number | ExactNumber {
  const value = Number(text);
  if (text.length <= 4) return value;
  const mantissa = text.split(/[eE]/, 1)[0] ?? '';
  const digits = mantissa.replace(/^-?[0.]*/, '').replace('.', '').length;
  const small = Math.abs(value) < 1e-290 && digits > 0;
  return digits > 15 || small || !Number.isFinite(value) ? new ExactNumber(text) : value;
}

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

function skipSpace(cursor: Cursor): number {
  let code = cursor.text.charCodeAt(cursor.at);
  while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
    cursor.at += 1;
    code = cursor.text.charCodeAt(cursor.at);
  }
  return cursor.at;
}

function take(cursor: Cursor, character: string): boolean {
  if (cursor.text[skipSpace(cursor)] !== character) return false;
  cursor.at += 1;
  return true;
}

function stop(cursor: Cursor, pointer: string, what: string, code: FindingCode = 'bad_json'): undefined {
  const before = cursor.text.slice(0, cursor.at);
  const line = before.split('\n').length;
  const column = cursor.at - before.lastIndexOf('\n');
  const message = code === 'bad_json' ? `Not valid JSON at line ${line}, column ${column}: ${what}.` : what;
  cursor.findings.add(code, pointer, message);
  return undefined;
}

function isLargerThan(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  let size = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) size += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return size > bytes;
}
