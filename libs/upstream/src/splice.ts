import type { Span } from '@sallyport/mcp-protocol';

/** A value to put in the place of another. `text` is JSON. */
export interface Replacement {
  readonly span: Span;
  readonly text: string;
}

/** A copy of the bytes with some values replaced; the spans do not overlap. */
export function splice(bytes: Buffer, replacements: readonly Replacement[]): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const { span, text } of [...replacements].sort((one, other) => one.span.start - other.span.start)) {
    parts.push(bytes.subarray(from, span.start), Buffer.from(text));
    from = span.end;
  }
  parts.push(bytes.subarray(from));
  return Buffer.concat(parts);
}
