import type { Span } from './frame.js';

/** A JSON text to put where a span of the body was. */
export interface Splice {
  readonly span: Span;
  readonly text: string;
}

/**
 * The body with some values exchanged and every other byte as it was: how a tool's name, a request id or a progress token is
 * rewritten without re-serialising what the client wrote.
 *
 * @param splices Spans of the scanned frame, not overlapping, in any order.
 */
export function spliceFrame(body: Uint8Array, splices: readonly Splice[]): Buffer {
  const parts: Uint8Array[] = [];
  let copied = 0;
  for (const { span, text } of [...splices].sort((left, right) => left.span.start - right.span.start)) {
    parts.push(body.subarray(copied, span.start), Buffer.from(text));
    copied = span.end;
  }
  parts.push(body.subarray(copied));
  return Buffer.concat(parts);
}
