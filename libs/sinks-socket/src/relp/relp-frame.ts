import { ok, refuse, type Result } from '@sallyport/kernel';

/** One frame of RELP: `TXNR SP COMMAND SP DATALEN [SP DATA] LF`. */
export interface RelpFrame {
  /** 1 to 999,999,999; 0 is the receiver's hint of its own. */
  readonly number: number;
  readonly command: string;
  readonly data: Buffer;
}

/** A frame's bytes. Data may hold anything, lines too: its length is counted. */
export function encodeRelp(number: number, command: string, data: Uint8Array): Buffer {
  const head = `${number} ${command} ${data.byteLength}`;
  return data.byteLength === 0 ? Buffer.from(`${head}\n`) : Buffer.concat([Buffer.from(`${head} `), data, Buffer.from('\n')]);
}

/** Reads frames out of pieces of any size. What is no RELP, or longer than an answer has reason to be, is refused with a reason. */
export class RelpReader {
  private held: Buffer = Buffer.alloc(0);

  /** The frames that are complete now, in order. After a refusal nothing more can be read. */
  read(chunk: Buffer): Result<readonly RelpFrame[], string> {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const frames: RelpFrame[] = [];
    for (;;) {
      const next = this.next();
      if (next === null) return ok(frames);
      if (typeof next === 'string') return refuse(next);
      frames.push(next);
    }
  }

  private next(): RelpFrame | string | null {
    const start = this.held.toString('latin1', 0, MAX_HEAD);
    const head = HEAD.exec(start);
    if (head === null) return start.length >= MAX_HEAD || !HEAD_BEGUN.test(start) ? 'what the receiver says is not RELP' : null;
    const [all, number = '', command = '', digits = '', separator] = head;
    const length = Number(digits);
    if (length > MAX_DATA) return 'the receiver says more than it has reason to';
    if (length > 0 !== (separator === ' ')) return 'what the receiver says is not RELP';
    const end = all.length + length;
    if (length > 0 && this.held.length <= end) return null;
    if (length > 0 && this.held[end] !== LINE_FEED) return 'what the receiver says is not RELP';
    const data = Buffer.from(this.held.subarray(all.length, end));
    this.held = this.held.subarray(length > 0 ? end + 1 : all.length);
    return { number: Number(number), command, data };
  }
}

const HEAD = /^([0-9]{1,9}) ([A-Za-z]{1,32}) ([0-9]{1,9})([ \n])/;
const HEAD_BEGUN = /^(?:[0-9]{1,9}(?: (?:[A-Za-z]{1,32}(?: (?:[0-9]{1,9})?)?)?)?)?$/;
const MAX_HEAD = 56;
const MAX_DATA = 65_536;
const LINE_FEED = 0x0a;
