/** Told of each member of the outermost object: where its key and its value stand, each from its first byte to behind its last; the key without its quotes. */
export interface MemberSink {
  member(keyFrom: number, keyTo: number, from: number, to: number): void;
}

/** The answer of a scan that cannot say. */
export const CANNOT_TELL = -1;

const MAX_DEPTH = 40;
const PLAIN_DIGITS = 15;
const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const FIRST_PRINTABLE = 0x20;
const LAST_ASCII = 0x7e;
/** What RFC 8785 writes behind a backslash, but for `u`. */
const ESCAPES: ReadonlySet<number> = new Set([...'"\\bfnrt'].map((letter) => letter.charCodeAt(0)));
const LETTER_U = 0x75;
const LAST_OF_CONTROL = '\\u001'.length;
const CONTROLS: ReadonlySet<string> = new Set(Array.from({ length: FIRST_PRINTABLE }, (_, unit) => JSON.stringify(String.fromCharCode(unit)).slice(1, -1)).filter((escape) => escape.startsWith('\\u')));
const WORDS = ['true', 'false', 'null'].map((word) => Uint8Array.from(word, (letter) => letter.charCodeAt(0)));

/**
 * Whether bytes that are UTF-8 are one object in its own RFC 8785 text, looked at in one pass and without making the object. Says so only when it is
 * sure; it is not of keys that are empty or not plain ASCII, nor of values nested deep, which may be canonical nevertheless.
 */
export function isSurelyCanonical(bytes: Uint8Array, sink: MemberSink): boolean {
  return bytes[0] === OPEN && endOfObject(bytes, 0, MAX_DEPTH, sink) === bytes.length;
}

/** Behind the object that opens at `open`, or `CANNOT_TELL`. Keys that rise are sorted, and none stands twice. */
function endOfObject(bytes: Uint8Array, open: number, depth: number, sink?: MemberSink): number {
  let at = open + 1;
  if (bytes[at] === CLOSE) return at + 1;
  let before = at;
  let beforeEnd = at;
  for (;;) {
    const key = at + 1;
    const keyEnd = bytes[at] === QUOTE ? endOfKey(bytes, key) : CANNOT_TELL;
    if (keyEnd === CANNOT_TELL || bytes[keyEnd + 1] !== COLON || !isAfter(bytes, before, beforeEnd, key, keyEnd)) return CANNOT_TELL;
    const end = endOfValue(bytes, keyEnd + 2, depth);
    if (end === CANNOT_TELL) return CANNOT_TELL;
    sink?.member(key, keyEnd, keyEnd + 2, end);
    if (bytes[end] === CLOSE) return end + 1;
    if (bytes[end] !== COMMA) return CANNOT_TELL;
    at = end + 1;
    before = key;
    beforeEnd = keyEnd;
  }
}

function endOfList(bytes: Uint8Array, open: number, depth: number): number {
  let at = open + 1;
  if (bytes[at] === CLOSE_LIST) return at + 1;
  for (;;) {
    at = endOfValue(bytes, at, depth);
    if (at === CANNOT_TELL) return CANNOT_TELL;
    if (bytes[at] === CLOSE_LIST) return at + 1;
    if (bytes[at] !== COMMA) return CANNOT_TELL;
    at += 1;
  }
}

function endOfValue(bytes: Uint8Array, at: number, depth: number): number {
  switch (bytes[at]) {
    case QUOTE:
      return endOfText(bytes, at + 1);
    case OPEN:
      return depth > 0 ? endOfObject(bytes, at, depth - 1) : CANNOT_TELL;
    case OPEN_LIST:
      return depth > 0 ? endOfList(bytes, at, depth - 1) : CANNOT_TELL;
    case 0x74:
    case 0x66:
    case 0x6e:
      return endOfWord(bytes, at);
    default:
      return endOfNumber(bytes, at);
  }
}

/** Behind the closing quote. A character that is not escaped stands for itself, and must not be one that RFC 8785 escapes. */
function endOfText(bytes: Uint8Array, from: number): number {
  const { length } = bytes;
  for (let at = from; at < length; at += 1) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at + 1;
    if (byte < FIRST_PRINTABLE) return CANNOT_TELL;
    if (byte !== BACKSLASH) continue;
    if (isControlAt(bytes, at)) at += LAST_OF_CONTROL;
    else if (ESCAPES.has(bytes[at + 1] ?? 0)) at += 1;
    else return CANNOT_TELL;
  }
  return CANNOT_TELL;
}

/** Whether a control character without an escape of its own stands there, as `\u00` and two lower-case digits. */
function isControlAt(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 1] !== LETTER_U) return false;
  return CONTROLS.has(String.fromCharCode(...bytes.subarray(at, at + LAST_OF_CONTROL + 1)));
}

/** At the closing quote of a key in plain ASCII, whose order by UTF-16 units is that of its bytes. */
function endOfKey(bytes: Uint8Array, from: number): number {
  const { length } = bytes;
  for (let at = from; at < length; at += 1) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    if (byte < FIRST_PRINTABLE || byte > LAST_ASCII || byte === BACKSLASH) return CANNOT_TELL;
  }
  return CANNOT_TELL;
}

function isAfter(bytes: Uint8Array, before: number, beforeEnd: number, key: number, keyEnd: number): boolean {
  const shared = Math.min(beforeEnd - before, keyEnd - key);
  for (let at = 0; at < shared; at += 1) {
    const step = (bytes[key + at] as number) - (bytes[before + at] as number);
    if (step !== 0) return step > 0;
  }
  return keyEnd - key > beforeEnd - before;
}

function endOfWord(bytes: Uint8Array, at: number): number {
  const word = WORDS.find((each) => isAt(bytes, at, each));
  return word === undefined ? CANNOT_TELL : at + word.length;
}

/** Behind a number that is what ECMAScript writes for its value. */
function endOfNumber(bytes: Uint8Array, from: number): number {
  let end = from;
  while (isDigit(bytes[end])) end += 1;
  const isPlain = end > from && end - from <= PLAIN_DIGITS && (bytes[from] !== ZERO || end - from === 1);
  if (isPlain && !isOfNumber(bytes[end])) return end;
  while (isOfNumber(bytes[end])) end += 1;
  const text = String.fromCharCode(...bytes.subarray(from, Math.min(end, from + MAX_DEPTH)));
  return text !== '' && String(Number(text)) === text ? from + text.length : CANNOT_TELL;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** Digits, `+`, `-`, `.`, `e`. */
function isOfNumber(byte: number | undefined): boolean {
  return isDigit(byte) || byte === 0x2b || byte === 0x2d || byte === 0x2e || byte === 0x65;
}

/** Whether these bytes stand at a place. */
export function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let place = 0; place < wanted.length; place += 1) if (bytes[at + place] !== wanted[place]) return false;
  return true;
}
