import { describe, expect, it } from 'vitest';

import { checkParamHeaders, headerParams, mirrorHeaders } from './header-params.js';
import { frameFrom, headersFrom } from './testing/frames.js';

const tool = (properties: object) => ({ name: 't', inputSchema: { type: 'object', properties } }) as never;
const region = { type: 'string', 'x-mcp-header': 'Region' };
const declared = headerParams(tool({ region, place: { type: 'object', properties: { zone: { type: 'integer', 'x-mcp-header': 'Zone' } } } }));
const frameWith = (args: string) => frameFrom(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":${args}}}`);

describe('headerParams', () => {
  it('finds statically reachable properties', () => {
    expect(declared).toEqual([
      { header: 'Region', path: ['region'] },
      { header: 'Zone', path: ['place', 'zone'] },
    ]);
  });

  it.each([
    ['a number', { a: { type: 'number', 'x-mcp-header': 'A' } }],
    ['no type', { a: { 'x-mcp-header': 'A' } }],
    ['a name with a space', { a: { type: 'string', 'x-mcp-header': 'A B' } }],
    ['an empty name', { a: { type: 'string', 'x-mcp-header': '' } }],
    ['a name twice, by case', { a: region, b: { type: 'string', 'x-mcp-header': 'rEGION' } }],
    ['a name that is no string', { a: { type: 'string', 'x-mcp-header': 1 } }],
  ])('are none where one declaration has %s', (_, properties) => {
    expect(headerParams(tool({ region, ...properties }))).toEqual([]);
  });

  it('ignore what is not reached by properties alone', () => {
    expect(headerParams(tool({ list: { type: 'array', items: region }, either: { anyOf: [region] } }))).toEqual([]);
  });
});

describe('checkParamHeaders', () => {
  const check = (args: string, headers: Record<string, string>) => checkParamHeaders(declared, headersFrom(headers), frameWith(args).args);

  it.each([
    ['equal text', '{"region":"eu"}', { 'mcp-param-region': 'eu' }],
    ['encoded text', '{"region":"caf\u00e9"}', { 'Mcp-Param-Region': '=?base64?Y2Fmw6k=?=' }],
    ['an equal number written otherwise', '{"place":{"zone":42}}', { 'Mcp-Param-Zone': '42.0' }],
    ['a number beyond a double', '{"place":{"zone":9007199254740993}}', { 'Mcp-Param-Zone': '9007199254740993' }],
    ['null without a header', '{"region":null}', {}],
    ['nothing at all', '{}', {}],
  ])('passes %s', (_, args, headers) => {
    expect(check(args, headers as Record<string, string>)).toBeUndefined();
  });

  it.each([
    ['a missing header', '{"region":"eu"}', {}],
    ['another value', '{"region":"eu"}', { 'Mcp-Param-Region': 'us' }],
    ['another case', '{"region":"eu"}', { 'Mcp-Param-Region': 'EU' }],
    ['a broken sentinel', '{"region":"eu"}', { 'Mcp-Param-Region': '=?base64?*?=' }],
    ['a number that a double would take for equal', '{"place":{"zone":9007199254740993}}', { 'Mcp-Param-Zone': '9007199254740992' }],
    ['text that only looks like the number', '{"region":"1"}', { 'Mcp-Param-Region': '1.0' }],
  ])('refuses %s with HTTP 400 and −32020', (_, args, headers) => {
    expect(check(args, headers as Record<string, string>)).toMatchObject({ httpStatus: 400, rpcCode: -32020 });
  });
});

describe('mirrorHeaders', () => {
  it('says what the body says, the rewritten name first', () => {
    const frame = frameWith('{"region":" eu","place":{"zone":7}}');
    expect(mirrorHeaders(frame, declared, 'server_t')).toEqual([
      ['Mcp-Method', 'tools/call'],
      ['Mcp-Name', 'server_t'],
      ['Mcp-Param-Region', '=?base64?IGV1?='],
      ['Mcp-Param-Zone', '7'],
    ]);
    expect(mirrorHeaders(frameFrom({ jsonrpc: '2.0', id: 1, method: 'tools/list' }), [])).toEqual([['Mcp-Method', 'tools/list']]);
  });

  it('is accepted by its own check', () => {
    const frame = frameWith('{"region":"\u00fc","place":{"zone":12345678901234567890}}');
    expect(checkParamHeaders(declared, headersFrom(Object.fromEntries(mirrorHeaders(frame, declared))), frame.args)).toBeUndefined();
  });
});
