import { describe, expect, it } from 'vitest';

import { readEvents } from './sse-data.js';

describe('readEvents', () => {
  it('gives the data of whole events, with any line end, several data lines and no space after the colon', () => {
    expect(readEvents('data: a\n\ndata:b\r\ndata: c\r\n\r\nid: 1\rdata:  d\r\r').data).toEqual(['a', 'b\nc', ' d']);
  });

  it('keeps what is not whole for the next piece', () => {
    const first = readEvents('data: a\n\nevent: message\ndata: {"x"');
    expect(first.data).toEqual(['a']);
    expect(readEvents(`${first.rest}:1}\n\n`)).toEqual({ data: ['{"x":1}'], rest: '' });
  });

  it('skips comments', () => {
    expect(readEvents(': still here\n\n').data).toEqual(['']);
  });
});
