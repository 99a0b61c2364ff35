/** How the body of an answer ends: not there, after a count of bytes, after its last chunk, or with the connection. */
export type Framing = 'none' | 'length' | 'chunked' | 'until_close';

/** Status line and fields of an answer, and what they say of its body and its connection. */
export interface AnswerHead {
  readonly status: number;
  /** Names and values in turn, as sent; each character is one byte. */
  readonly rawHeaders: readonly string[];
  readonly framing: Framing;
  /** Bytes of the body; 0 unless `framing` is `length`. */
  readonly length: number;
  /** Whether the server keeps the connection for another request. */
  readonly keepsOpen: boolean;
  /** Milliseconds it says to keep it while it is idle; undefined: it does not say. */
  readonly idleMs: number | undefined;
}

const STATUS_LINE = /HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t -~\x80-\xff]*)?\r\n/y;
const FIELD = /([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([!-~\x80-\xff]*(?:[\t ]+[!-~\x80-\xff]+)*) *\r\n/y;
const DIGITS = /^\d{1,15}$/;
const TIMEOUT = /(?:^|,)[\t ]*timeout=(\d{1,9})[\t ]*(?:,|$)/i;

/**
 * Reads the head of an answer of HTTP/1.1 (RFC 9112, sections 4 to 6), strictly: where two readers could take a body to end at two places, it is
 * no head. So a length stands alone and once, `chunked` is the only coding, no line is folded, none ends in a tab (llhttp does not know `chunked`
 * with one behind it), and every line ends in CR LF.
 *
 * @param text From the status line to the CR LF of the last field, a character a byte.
 * @returns Undefined if it is no such head.
 */
export function readAnswerHead(text: string): AnswerHead | undefined {
  STATUS_LINE.lastIndex = 0;
  const line = STATUS_LINE.exec(text);
  if (line === null) return undefined;
  const fields = new FramingFields();
  FIELD.lastIndex = STATUS_LINE.lastIndex;
  while (FIELD.lastIndex < text.length) {
    const field = FIELD.exec(text);
    if (field === null) return undefined;
    fields.add(field[1] as string, field[2] as string);
  }
  return fields.headOf(Number(line[2]), line[1] === '1');
}

/** Whether a line is a field; said of trailers, which are read over. */
export function isField(text: string): boolean {
  FIELD.lastIndex = 0;
  return FIELD.test(text) && FIELD.lastIndex === text.length;
}

class FramingFields {
  private readonly rawHeaders: string[] = [];
  private length: string | undefined;
  private coding: string | undefined;
  private connection = '';
  private keepAlive = '';
  private isTwofold = false;

  add(name: string, value: string): void {
    this.rawHeaders.push(name, value);
    switch (name.length) {
      case 10:
        if (named(name, 'connection')) this.connection += `,${value}`;
        else if (named(name, 'keep-alive')) this.keepAlive = value;
        return;
      case 14:
        if (!named(name, 'content-length')) return;
        this.isTwofold ||= this.length !== undefined;
        this.length = value;
        return;
      case 17:
        if (!named(name, 'transfer-encoding')) return;
        this.isTwofold ||= this.coding !== undefined;
        this.coding = value;
    }
  }

  headOf(status: number, isCurrent: boolean): AnswerHead | undefined {
    const framing = this.framing(status, isCurrent);
    if (framing === undefined) return undefined;
    return {
      status,
      rawHeaders: this.rawHeaders,
      framing,
      length: framing === 'length' ? Number(this.length) : 0,
      keepsOpen: isCurrent && framing !== 'until_close' && !(this.connection !== '' && /,[\t ]*close[\t ]*(?:,|$)/i.test(this.connection)),
      idleMs: this.keepAlive === '' ? undefined : idleMsOf(this.keepAlive),
    };
  }

  private framing(status: number, isCurrent: boolean): Framing | undefined {
    const { length, coding } = this;
    if (this.isTwofold || (length !== undefined && !DIGITS.test(length))) return undefined;
    if (coding !== undefined && (length !== undefined || !isCurrent || coding.toLowerCase() !== 'chunked')) return undefined;
    if (status < 200 || status === 204 || status === 304) return 'none';
    if (coding !== undefined) return 'chunked';
    return length === undefined ? 'until_close' : 'length';
  }
}

function named(name: string, wanted: string): boolean {
  return name === wanted || name.toLowerCase() === wanted;
}

function idleMsOf(keepAlive: string): number | undefined {
  const seconds = TIMEOUT.exec(keepAlive)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
