// The least HTTP/1.1 that a keep-alive benchmark needs, over raw sockets, so that load and upstream cost less than what is measured.

const HEAD_END = Buffer.from('\r\n\r\n');
const CHUNKED = /\r\ntransfer-encoding: *chunked/i;
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** Cuts a socket's bytes into whole messages: `onMessage(head text, body length, body bytes)`. */
export class MessageCutter {
  constructor(onMessage) {
    this.onMessage = onMessage;
    this.rest = Buffer.alloc(0);
  }

  push(chunk) {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    for (;;) {
      const headEnd = this.rest.indexOf(HEAD_END);
      if (headEnd === -1) return;
      const head = this.rest.latin1Slice(0, headEnd + 2);
      const end = CHUNKED.test(head) ? this.chunkedEnd(headEnd + 4) : headEnd + 4 + Number(LENGTH.exec(head)?.[1] ?? 0);
      if (end === -1 || this.rest.length < end) return;
      const body = this.rest.subarray(headEnd + 4, end);
      this.rest = this.rest.subarray(end);
      this.onMessage(head, end - headEnd - 4, body);
    }
  }

  chunkedEnd(from) {
    const at = this.rest.indexOf(LAST_CHUNK, from);
    return at === -1 ? -1 : at + LAST_CHUNK.length;
  }
}
