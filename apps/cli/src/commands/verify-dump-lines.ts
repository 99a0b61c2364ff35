import type { FileLine } from '@sallyport/audit-chain';
import { FORMATS, type AuditFormat } from '@sallyport/audit-formats';
import { canonicalJson, type JsonValue } from '@sallyport/kernel';

import type { LineTaker } from './verify-file.js';

/** Turns the lines of a dump in a format back into the events' own lines. A line that was cut to fit its format, or is none, stays what it is and counts as no event. */
export function decodingLines(format: AuditFormat, taker: LineTaker): LineTaker {
  if (format === 'native') return taker;
  const { decode } = FORMATS[format];
  return {
    line: (line) => taker.line(line.isEnded && !line.isTooLong ? decoded(line, decode) : line),
  };
}

function decoded(line: FileLine, decode: (typeof FORMATS)[AuditFormat]['decode']): FileLine {
  const read = decode(Buffer.from(line.bytes).toString('utf8'));
  return read.ok && read.value.kind === 'whole' ? { ...line, bytes: Buffer.from(canonicalJson(read.value.event as unknown as JsonValue)) } : line;
}
