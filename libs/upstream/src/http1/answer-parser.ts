import { isField, readAnswerHead, type AnswerHead } from './answer-head.js';

/** Who an answer is told to, part by part. */
export interface AnswerParts {
  /** The head of the answer; informational ones (1xx) are not told. */
  onHead(head: AnswerHead): void;
  /** Bytes of the body, never empty. False stops the reading. */
  onBody(part: Buffer): boolean;
}

/**
 * `reading`: more bytes are needed. `paused`: the listener wants no more for now. `done`: the answer is whole. `malformed`: what came is no
 * answer, and where the next one would begin nobody knows.
 */
export type ParserState = 'reading' | 'paused' | 'done' | 'malformed';

type Step = 'head' | 'counted' | 'chunk_size' | 'chunk' | 'chunk_end' | 'trailers' | 'rest';

/** Bytes that a head, with the informational ones before it, or the trailers may have. */
export const HEAD_BYTES = 16_384;
/** Bytes that the line before a chunk may have, extensions included. */
const SIZE_LINE_BYTES = 1_024;
/** A chunk's size and extensions (RFC 9112, 7.1); extensions are read over. */
const SIZE_LINE = /^([0-9a-f]{1,12})(?:[\t ]*;[\t -~\x80-\xff]*)?$/i;
const HEAD_END = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/**
 * Cuts the bytes of one connection into one answer of HTTP/1.1 after the other. Knows neither sockets nor time; the same bytes tell the same,
 * however they are cut.
 */
export class AnswerParser {
  private state: ParserState = 'reading';
  private step: Step = 'head';
  private bytes: Buffer = NOTHING;
  private at = 0;
  private left = 0;
  private headBytes = 0;
  private parts: AnswerParts = UNHEARD;

  /** Begins with the next answer, for whom it is. Only after `done`, or at first. */
  expect(parts: AnswerParts): void {
    this.parts = parts;
    this.state = 'reading';
    this.step = 'head';
    this.headBytes = 0;
  }

  /** Reads on. After `paused`, an empty buffer goes on with what is held. */
  push(chunk: Buffer): ParserState {
    if (this.at === this.bytes.length) this.bytes = chunk;
    else this.bytes = chunk.length === 0 ? this.bytes.subarray(this.at) : Buffer.concat([this.bytes.subarray(this.at), chunk]);
    this.at = 0;
    if (this.state === 'paused') this.state = 'reading';
    while (this.state === 'reading' && this.advance());
    return this.state;
  }

  /** The server has ended the connection. */
  end(): ParserState {
    if (this.state === 'reading') this.state = this.step === 'rest' ? 'done' : 'malformed';
    return this.state;
  }

  /** Whether bytes came that belong to no answer. */
  get hasSurplus(): boolean {
    return this.state === 'done' && this.at < this.bytes.length;
  }

  /** Takes one step; false if there are too few bytes for it. */
  private advance(): boolean {
    switch (this.step) {
      case 'head':
        return this.readHead();
      case 'counted':
      case 'chunk':
        return this.readCounted();
      case 'chunk_size':
        return this.readSize();
      case 'chunk_end':
        return this.readChunkEnd();
      case 'trailers':
        return this.readTrailer();
      case 'rest':
        return this.readRest();
    }
  }

  private readHead(): boolean {
    const end = this.bytes.indexOf(HEAD_END, this.at, 'latin1');
    const size = (end === -1 ? this.bytes.length - HEAD_END.length + 1 : end) - this.at;
    if (this.headBytes + size > HEAD_BYTES) return this.broken();
    if (end === -1) return false;
    const head = readAnswerHead(this.bytes.toString('latin1', this.at, end + 2));
    if (head === undefined || head.status === 101) return this.broken();
    this.headBytes += size;
    this.at = end + HEAD_END.length;
    return head.status < 200 || this.begin(head);
  }

  private begin(head: AnswerHead): true {
    this.left = head.length;
    if (head.framing === 'chunked') this.step = 'chunk_size';
    else if (head.framing === 'until_close') this.step = 'rest';
    else if (head.length > 0) this.step = 'counted';
    else this.state = 'done';
    this.parts.onHead(head);
    return true;
  }

  private readCounted(): boolean {
    const size = Math.min(this.left, this.bytes.length - this.at);
    if (size === 0) return false;
    this.left -= size;
    if (this.left === 0) {
      if (this.step === 'chunk') this.step = 'chunk_end';
      else this.state = 'done';
    }
    this.tell(size);
    return true;
  }

  private readRest(): boolean {
    const size = this.bytes.length - this.at;
    if (size > 0) this.tell(size);
    return false;
  }

  private tell(size: number): void {
    const part = this.bytes.subarray(this.at, this.at + size);
    this.at += size;
    if (!this.parts.onBody(part) && this.state === 'reading') this.state = 'paused';
  }

  private readSize(): boolean {
    const line = this.takeLine(SIZE_LINE_BYTES);
    if (line === undefined) return false;
    const size = SIZE_LINE.exec(line)?.[1];
    if (size === undefined) return this.broken();
    this.left = Number.parseInt(size, 16);
    this.step = this.left === 0 ? 'trailers' : 'chunk';
    this.headBytes = 0;
    return true;
  }

  private readChunkEnd(): boolean {
    const line = this.takeLine(0);
    if (line === undefined) return false;
    this.step = 'chunk_size';
    return true;
  }

  private readTrailer(): boolean {
    const line = this.takeLine(HEAD_BYTES - this.headBytes);
    if (line === undefined) return false;
    this.headBytes += line.length;
    if (line === '') this.state = 'done';
    else if (!isField(`${line}\r\n`)) return this.broken();
    return true;
  }

  /** The next line without its CR LF; undefined if it is not whole, or longer than it may be, which breaks the answer. */
  private takeLine(maxBytes: number): string | undefined {
    const end = this.bytes.indexOf('\n', this.at, 'latin1');
    const size = (end === -1 ? this.bytes.length : end) - this.at;
    const isWhole = size > 0 && this.bytes[end - 1] === CR;
    if (size > maxBytes + 1 || (end !== -1 && !isWhole)) this.state = 'malformed';
    if (end === -1 || this.state === 'malformed') return undefined;
    const line = this.bytes.toString('latin1', this.at, end - 1);
    this.at = end + 1;
    return line;
  }

  private broken(): false {
    this.state = 'malformed';
    return false;
  }
}

const CR = 13;
const UNHEARD: AnswerParts = { onHead: () => undefined, onBody: () => true };
