import { type Result, ok, refuse } from '@sallyport/kernel';

/** One block of an event stream, up to and with the blank line that ends it. */
export interface SseEvent {
  /** The block's exact bytes; written one after the other they are the stream again, but for a byte order mark. */
  readonly raw: Buffer;
  /** The event's type, `message` unless it names one. */
  readonly event: string;
  /** The joined `data` lines as bytes; `null` when there are none (comments, a bare `id` or `retry`). */
  readonly data: Buffer | null;
  /** The `id` line of this block; `null` without one. An empty id is `''` and resets the cursor. */
  readonly id: string | null;
  /** Milliseconds. */
  readonly retry: number | null;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const BOM = [0xef, 0xbb, 0xbf];

/**
 * Cuts an event stream (WHATWG HTML, "Server-sent events") into events as they complete, whatever the chunking.
 *
 * Lines end with CR, LF or CRLF. An event is handed out at the first byte that completes it. Where that is the CR of a CRLF, the
 * LF is part of it if the chunk has it; else it is handed out by itself at once, as a block that says nothing, because there are
 * readers that take no CR for an end before they saw what follows. One event may hold at most `maxEventBytes`.
 */
export class SseSplitter {
  private parts: Buffer[] = [];
  private pendingBytes = 0;
  private bomSeen = 0;
  private bomSettled = false;
  private atLineStart = true;
  private afterCr = false;
  private hasContent = false;
  private endedAtCr = false;

  constructor(private readonly maxEventBytes: number) {}

  /** The events this chunk completes, or `too_large`, after which the stream cannot be trusted any more. Chunks are kept, not copied, until then. */
  push(chunk: Uint8Array): Result<readonly SseEvent[], 'too_large'> {
    const bytes = this.withoutBom(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    const events: SseEvent[] = this.tornLineFeed(bytes);
    let start = events.length;
    for (let at = start; at < bytes.length; at += 1) {
      if (!isLineEnd(bytes[at] as number)) {
        this.openLine();
        at = lineEnd(bytes, at + 1) - 1;
      } else if (this.endsEvent(bytes[at] as number)) {
        if (this.pendingBytes + at + 1 - start > this.maxEventBytes) return refuse('too_large');
        if (this.afterCr && bytes[at + 1] === LF) {
          at += 1;
          this.afterCr = false;
        }
        events.push(readEvent(this.take(bytes.subarray(start, at + 1))));
        start = at + 1;
        this.endedAtCr = this.afterCr && start === bytes.length;
      }
    }
    this.hold(bytes.subarray(start));
    return this.pendingBytes > this.maxEventBytes ? refuse('too_large') : ok(events);
  }

  /** The bytes after the last complete event: at the end of the stream, an event cut short, which must not count. */
  rest(): Buffer {
    return Buffer.concat(this.parts);
  }

  /** Drops the mark that may open a stream, even when it comes byte by byte. */
  private withoutBom(bytes: Buffer): Buffer {
    if (this.bomSettled) return bytes;
    let at = 0;
    while (this.bomSeen < BOM.length && at < bytes.length && bytes[at] === BOM[this.bomSeen]) {
      at += 1;
      this.bomSeen += 1;
    }
    const isWhole = this.bomSeen === BOM.length;
    if (!isWhole && at === bytes.length) return bytes.subarray(at);
    this.bomSettled = true;
    if (isWhole || this.bomSeen === 0) return bytes.subarray(at);
    return Buffer.concat([Buffer.from(BOM.slice(0, this.bomSeen)), bytes.subarray(at)]);
  }

  private openLine(): void {
    this.atLineStart = false;
    this.afterCr = false;
    this.hasContent = true;
  }

  /** Takes a line end and says whether it is the blank line after some content. */
  private endsEvent(byte: number): boolean {
    const isTailOfCrLf = this.afterCr && byte === LF;
    this.afterCr = byte === CR;
    if (isTailOfCrLf) return false;
    const isBlankLine = this.atLineStart;
    this.atLineStart = true;
    return isBlankLine && this.hasContent;
  }

  /** The LF that a cut tore off the CR that ended an event, as a block of its own. */
  private tornLineFeed(bytes: Buffer): SseEvent[] {
    const isTorn = this.endedAtCr && bytes[0] === LF;
    if (bytes.length > 0) this.endedAtCr = false;
    if (!isTorn) return [];
    this.afterCr = false;
    return [readEvent(bytes.subarray(0, 1))];
  }

  private take(last: Buffer): Buffer {
    const raw = this.parts.length === 0 ? last : Buffer.concat([...this.parts, last]);
    this.parts = [];
    this.pendingBytes = 0;
    this.hasContent = false;
    return raw;
  }

  private hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.parts.push(bytes);
    this.pendingBytes += bytes.length;
  }
}

function readEvent(raw: Buffer): SseEvent {
  const fields: Fields = { event: 'message', data: null, id: null, retry: null };
  for (let start = 0; start < raw.length; ) {
    const end = lineEnd(raw, start);
    if (end > start) readLine(raw.subarray(start, end), fields);
    start = end + 1;
  }
  const { event, data, id, retry } = fields;
  return { raw, event, data: data === null || data.length === 1 ? (data?.[0] ?? null) : joined(data), id, retry };
}

interface Fields {
  event: string;
  data: Buffer[] | null;
  id: string | null;
  retry: number | null;
}

function readLine(line: Buffer, fields: Fields): void {
  let colon = 0;
  while (colon < line.length && line[colon] !== COLON) colon += 1;
  const from = line[colon + 1] === 0x20 ? colon + 2 : colon + 1;
  if (colon === 4 && line[0] === 0x64 && line[1] === 0x61 && line[2] === 0x74 && line[3] === 0x61) {
    (fields.data ??= []).push(line.subarray(from));
    return;
  }
  const name = line.toString('latin1', 0, colon);
  if (name !== 'event' && name !== 'id' && name !== 'retry') return;
  const text = line.toString('utf8', from);
  if (name === 'event') fields.event = text === '' ? 'message' : text;
  else if (name === 'retry') fields.retry = /^\d+$/.test(text) ? Number(text) : fields.retry;
  else if (!text.includes('\0')) fields.id = text;
}

function isLineEnd(byte: number): boolean {
  return byte === LF || byte === CR;
}

/** The offset of the next CR or LF, or the length. */
function lineEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && !isLineEnd(bytes[at] as number)) at += 1;
  return at;
}

function joined(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [Buffer.from('\n'), line])));
}
