import type { ReadEvent } from './read-event.js';
import { isAt, isSurelyCanonical, type MemberSink } from './scan-canonical.js';
import { textOf, utf8 } from './text-bytes.js';
import type { Sha256 } from './tree-hash.js';

const LEAF = Uint8Array.of(0);
const HASH_DIGITS = 64;
const HASH = /^[0-9a-f]{64}$/;
const PLAIN_COUNT = /^[1-9][0-9]{0,14}$/;
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const DIGITS = utf8('0123456789abcdef');
const BEFORE_HASH = utf8('{"alg":"sha-256","canon":"rfc8785",');
const HASH_MEMBER = utf8('"hash":"');
const BEFORE_EPOCH = utf8('","key_epoch":');
const BEFORE_PREV = utf8(',"prev_hash":"');
const AFTER_PREV = utf8('"}');
/** What is read of an event, as its keys follow one another. */
const WANTED = ['event_id', 'integrity', 'observed_time', 'seq', 'stream', 'time', 'type'].map(utf8);
const TRAILER = utf8('sallyport_export');
/** Of these events more is read than every event has. */
const WITH_MORE: ReadonlySet<string> = new Set(['audit.checkpoint', 'audit.key_announced']);

/**
 * Reads an event from its bytes in one pass, and checks that they are its RFC 8785 text and have the hash that they say.
 *
 * @returns The event that `readLine` would read; `undefined` where the line is none, is wrong, or is of a form that only the slow way can judge.
 */
export function scanEventLine(bytes: Uint8Array, sha256: Sha256): ReadEvent | undefined {
  const text = textOf(bytes);
  const spans = new EventSpans(bytes);
  if (text === undefined || !isSurelyCanonical(bytes, spans) || !spans.isEvent) return undefined;
  const line = text.length === bytes.length ? { bytes, text } : { bytes };
  const members = membersOf(line, spans);
  const integrity = integrityOf(line, spans);
  if (members === undefined || integrity === undefined) return undefined;
  const { hashAt, ...claimed } = integrity;
  const from = hashAt - HASH_MEMBER.length;
  const leaf = sha256(LEAF, bytes.subarray(0, from), bytes.subarray(hashAt + HASH_DIGITS + '",'.length));
  return isHexAt(bytes, hashAt, leaf) ? { ...members, ...claimed, leaf } : undefined;
}

/** Where the values of `WANTED` stand. */
class EventSpans implements MemberSink {
  readonly from: number[] = [0, 0, 0, 0, 0, 0, 0];
  readonly to: number[] = [0, 0, 0, 0, 0, 0, 0];
  private found = 0;
  private isTrailer = false;

  constructor(private readonly bytes: Uint8Array) {}

  member(keyFrom: number, keyTo: number, from: number, to: number): void {
    const wanted = WANTED[this.found];
    if (wanted?.length === keyTo - keyFrom && isAt(this.bytes, keyFrom, wanted)) {
      this.from[this.found] = from;
      this.to[this.found] = to;
      this.found += 1;
    } else if (keyTo - keyFrom === TRAILER.length && isAt(this.bytes, keyFrom, TRAILER)) {
      this.isTrailer = true;
    }
  }

  /** Keys rise, so that none of those wanted was passed over when all were found. */
  get isEvent(): boolean {
    return this.found === WANTED.length && !this.isTrailer;
  }
}

/** A line; its text where one character is one byte. */
interface ScannedLine {
  readonly bytes: Uint8Array;
  readonly text?: string;
}

type Members = Pick<ReadEvent, 'stream' | 'seq' | 'eventId' | 'type' | 'time' | 'observedTime'>;

function membersOf(line: ScannedLine, { from, to }: EventSpans): Members | undefined {
  const [eventId, , observedTime, , stream, time, type] = from.map((start, at) => quotedAt(line, start, to[at] ?? start));
  const seq = textAt(line, from[3] ?? 0, to[3] ?? 0);
  if (eventId === undefined || stream === undefined || type === undefined || WITH_MORE.has(type) || !PLAIN_COUNT.test(seq)) return undefined;
  if (time === undefined || observedTime === undefined || !MICRO_TIME.test(time) || !MICRO_TIME.test(observedTime)) return undefined;
  return { stream, seq: Number(seq), eventId, type, time, observedTime };
}

type Integrity = Pick<ReadEvent, 'hash' | 'keyEpoch' | 'prevHash'> & { readonly hashAt: number };

function integrityOf(line: ScannedLine, { from, to }: EventSpans): Integrity | undefined {
  const [, start = 0] = from;
  const [, end = 0] = to;
  const { bytes } = line;
  const hashAt = start + BEFORE_HASH.length + HASH_MEMBER.length;
  const epochAt = hashAt + HASH_DIGITS + BEFORE_EPOCH.length;
  const prevAt = end - AFTER_PREV.length - HASH_DIGITS;
  const epochEnd = prevAt - BEFORE_PREV.length;
  if (epochEnd <= epochAt || !isAt(bytes, start, BEFORE_HASH) || !isAt(bytes, start + BEFORE_HASH.length, HASH_MEMBER)) return undefined;
  if (!isAt(bytes, hashAt + HASH_DIGITS, BEFORE_EPOCH) || !isAt(bytes, epochEnd, BEFORE_PREV) || !isAt(bytes, prevAt + HASH_DIGITS, AFTER_PREV)) return undefined;
  const [hash, epoch, prevHash] = [textAt(line, hashAt, hashAt + HASH_DIGITS), textAt(line, epochAt, epochEnd), textAt(line, prevAt, prevAt + HASH_DIGITS)];
  return PLAIN_COUNT.test(epoch) && HASH.test(prevHash) ? { hash, keyEpoch: Number(epoch), prevHash, hashAt } : undefined;
}

/** The text of a value that was found to be canonical; `undefined` when it is none. */
function quotedAt(line: ScannedLine, from: number, to: number): string | undefined {
  if (line.bytes[from] !== 0x22) return undefined;
  const text = textAt(line, from + 1, to - 1);
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}

function textAt({ bytes, text }: ScannedLine, from: number, to: number): string {
  return text?.slice(from, to) ?? textOf(bytes.subarray(from, to)) ?? '';
}

function isHexAt(bytes: Uint8Array, from: number, hash: Uint8Array): boolean {
  for (let at = 0; at < hash.length; at += 1) {
    const byte = hash[at] as number;
    if (bytes[from + at * 2] !== DIGITS[byte >> 4] || bytes[from + at * 2 + 1] !== DIGITS[byte & 0x0f]) return false;
  }
  return true;
}
