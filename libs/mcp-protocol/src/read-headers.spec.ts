import { describe, expect, it } from 'vitest';

import { readHeaders } from './read-headers.js';

describe('readHeaders', () => {
  it('finds what a gateway decides on, whatever the case of the names', () => {
    const read = readHeaders([
      'HOST', 'localhost', 'authorization', 'Bearer x', 'Content-Type', 'application/json', 'MCP-Protocol-Version', ' 2025-06-18\t',
      'Mcp-Session-Id', 's', 'Accept', 'application/json', 'accept', 'text/event-stream', 'X-Other', 'a', 'X-Other', 'b',
      'Mcp-Param-Region', 'eu', 'Sallyport-Min-Revision', '7', 'X-Request-Id', 'r',
    ]);
    expect(read).toMatchObject({
      ok: true,
      value: {
        host: 'localhost', authorization: 'Bearer x', contentType: 'application/json', protocolVersion: '2025-06-18', sessionId: 's',
        accept: 'application/json, text/event-stream', origin: null, mcpName: null, minRevision: '7', requestId: 'r',
      },
    });
    expect(read.ok && [...read.value.params]).toEqual([['region', 'eu']]);
  });

  it.each([
    'Authorization', 'Host', 'Content-Type', 'Content-Length', 'Origin', 'MCP-Protocol-Version', 'Mcp-Method', 'Mcp-Name',
    'Mcp-Session-Id', 'Mcp-Param-Region', 'Mcp-Something-New', 'Sallyport-Min-Revision',
  ])('refuses a second %s, even with the same value', (name) => {
    expect(readHeaders([name, 'a', 'X', 'y', name.toLowerCase(), 'a'])).toMatchObject({
      ok: false,
      refusal: { httpStatus: 400, reason: 'repeated_header', rpcCode: name.startsWith('M') ? -32020 : -32600 },
    });
  });

  it('joins the lines of a list, and takes trace context as it comes', () => {
    const read = readHeaders(['Content-Encoding', 'gzip', 'TraceParent', '00-a-b-01', 'baggage', 'k=1', 'Baggage', 'l=2', 'content-encoding', 'br', 'tracestate', 'v=3']);
    expect(read).toMatchObject({ ok: true, value: { contentEncoding: 'gzip, br', trace: ['traceparent', '00-a-b-01', 'baggage', 'k=1', 'baggage', 'l=2', 'tracestate', 'v=3'] } });
    expect(readHeaders(['Host', 'localhost'])).toMatchObject({ ok: true, value: { contentEncoding: null, trace: [] } });
  });

  it('never takes a name with an underscore for ours', () => {
    const read = readHeaders(['Mcp_Name', 'safe', 'Mcp_Name', 'evil']);
    expect(read.ok && read.value.mcpName).toBeNull();
  });
});
