import { describe, expect, it } from 'vitest';

import type { UpstreamRequest } from '../upstream-call.js';
import { requestHead } from './request-head.js';

const head = (change: Partial<UpstreamRequest> = {}): string | undefined =>
  requestHead({ method: 'POST', path: '/mcp?a=b', headers: ['content-type', 'application/json'], body: Buffer.from('{}'), headersTimeoutMs: 0, idleTimeoutMs: 0, ...change }, 'up.test:8443');

describe('the head of a request', () => {
  it('says whom it is for, that the connection stays, its fields in turn, and how long its body is', () => {
    expect(head()).toBe(
      'POST /mcp?a=b HTTP/1.1\r\nhost: up.test:8443\r\nconnection: keep-alive\r\ncontent-type: application/json\r\naccept-encoding: identity\r\ncontent-length: 2\r\n\r\n',
    );
  });

  it('counts the bytes of the body, not its characters', () => {
    expect(head({ body: Buffer.from('"é"') })).toContain('content-length: 4\r\n');
  });

  it.each([
    ['POST', 'content-length: 0\r\n'],
    ['GET', 'identity\r\n\r\n'],
    ['DELETE', 'identity\r\n\r\n'],
  ] as const)('of %s without a body ends as servers expect it', (method, end) => {
    expect(head({ method, body: null })).toContain(end);
  });

  it('names the host once, as the request has it', () => {
    expect(head({ headers: ['Host', 'other.test'] })?.match(/host:.*/gi)).toEqual(['host: other.test']);
  });

  it('carries a value of any printable byte, and an empty one', () => {
    expect(head({ headers: ['a', 'caf\xe9\tb', 'c', ''] })).toContain('a: caf\xe9\tb\r\nc: \r\n');
  });

  it.each([
    ['a line end in a value', { headers: ['a', 'b\r\nc: d'] }],
    ['a lone LF in a value', { headers: ['a', 'b\nc'] }],
    ['a NUL in a value', { headers: ['a', 'b\0'] }],
    ['a character of more than a byte', { headers: ['a', '€'] }],
    ['a line end in a name', { headers: ['a\r\nb', 'c'] }],
    ['a colon in a name', { headers: ['a:', 'b'] }],
    ['space in a name', { headers: ['a b', 'c'] }],
    ['an empty name', { headers: ['', 'b'] }],
    ['a name without a value', { headers: ['a'] }],
    ['a length of its own', { headers: ['Content-Length', '9'] }],
    ['a coding of its own', { headers: ['transfer-encoding', 'chunked'] }],
    ['a word on the connection', { headers: ['connection', 'close'] }],
    ['an expectation', { headers: ['expect', '100-continue'] }],
    ['a line end in the path', { path: '/a\r\nb' }],
    ['space in the path', { path: '/a b' }],
    ['a path that is none', { path: 'http://other.test/' }],
  ])('cannot be written with %s', (_, change) => {
    expect(head(change)).toBeUndefined();
  });
});
