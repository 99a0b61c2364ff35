import { describe, expect, it } from 'vitest';

import { LineSplitter } from './line-splitter.js';

function linesOf(chunks: readonly string[], maxBytes = 10): string[] {
  const heard: string[] = [];
  const splitter = new LineSplitter(maxBytes, { onLine: (line) => heard.push(line.toString()), onOverlong: () => heard.push('(overlong)') });
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  return heard;
}

describe('the line splitter', () => {
  it('joins chunks and cuts at newlines, leaving empty lines out', () => {
    expect(linesOf(['a\nb', 'c\n', '\n\nd', 'e', '\nf'])).toEqual(['a', 'bc', 'de']);
  });

  it('throws away a line beyond the bound, says so once, and goes on with the next', () => {
    expect(linesOf(['12345', '678901', '234567890123', '\nok\n'])).toEqual(['(overlong)', 'ok']);
    expect(linesOf(['12345678901\nok\n1234567890\n'])).toEqual(['(overlong)', 'ok', '1234567890']);
  });
});
