import { describe, expect, it } from 'vitest';

import { scanFrame } from './scan-frame.js';
import { spliceFrame } from './splice-frame.js';

it('spliceFrame exchanges values and leaves every other byte, in whatever order they are given', () => {
  const body = Buffer.from('{ "id" : 7,"jsonrpc":"2.0","method":"tools/call","params":{"arguments":{"n":1.0},"name":"caf\u00e9","_meta":{"progressToken":7}}}');
  const scanned = scanFrame(body);
  if (!scanned.ok) throw new Error(scanned.refusal.message);
  const { id, name, progressToken } = scanned.value.spans;
  if (id === null || name === null || progressToken === null) throw new Error('spans are missing');
  const spliced = spliceFrame(body, [
    { span: name, text: '"tea"' },
    { span: id, text: '"u-1"' },
    { span: progressToken, text: '42' },
  ]);
  expect(spliced.toString()).toBe(
    '{ "id" : "u-1","jsonrpc":"2.0","method":"tools/call","params":{"arguments":{"n":1.0},"name":"tea","_meta":{"progressToken":42}}}',
  );
});

describe('no splices', () => {
  it('give the same bytes', () => {
    expect(spliceFrame(Buffer.from('{}'), []).toString()).toBe('{}');
  });
});
