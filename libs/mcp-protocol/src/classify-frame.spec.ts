import { describe, expect, it } from 'vitest';

import { classifyFrame } from './classify-frame.js';
import { METHOD_CLASSES, classifyMethod, methodsOf } from './methods.js';
import { frameFrom, headersFrom, modernMeta, modernRequest } from './testing/frames.js';

const legacy = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params });
const classify = (body: string | object, headers: Record<string, string> = {}, served?: readonly string[]) =>
  classifyFrame(frameFrom(body), headersFrom(headers), served);
const V = 'MCP-Protocol-Version';

describe('the legacy era', () => {
  it.each([
    ['a call with its version', legacy('tools/call', { name: 'echo' }), { [V]: '2025-06-18' }, 'tool_call', '2025-06-18'],
    ['a call without a version', legacy('tools/call', { name: 'echo' }), {}, 'tool_call', '2025-03-26'],
    ['initialize', legacy('initialize', { protocolVersion: '2025-11-25' }), {}, 'initialize', '2025-11-25'],
    ['initialize for a version of tomorrow', legacy('initialize', { protocolVersion: '2099-01-01' }), {}, 'initialize', '2099-01-01'],
    ['a list', legacy('tools/list'), { [V]: '2025-11-25' }, 'tool_list', '2025-11-25'],
    ['ping', legacy('ping'), {}, 'ping', '2025-03-26'],
    ['prompts', legacy('prompts/get', { name: 'p' }), {}, 'other_known', '2025-03-26'],
    ['logging', legacy('logging/setLevel', { level: 'info' }), {}, 'other_known', '2025-03-26'],
    ['a notification', { jsonrpc: '2.0', method: 'notifications/initialized' }, { [V]: '2025-06-18' }, 'notification', '2025-06-18'],
    ['a response', { jsonrpc: '2.0', id: 's', result: {} }, { [V]: '2025-06-18' }, 'response', '2025-06-18'],
  ])('takes %s', (_, body, headers, methodClass, protocolVersion) => {
    expect(classify(body, headers as Record<string, string>)).toEqual({ ok: true, value: { era: 'legacy', methodClass, protocolVersion } });
  });

  it('answers an unknown method with −32601 on HTTP 200', () => {
    for (const method of ['tools/run', 'server/discover', 'subscriptions/listen', 'Tools/Call', 'toString']) {
      expect(classify(legacy(method))).toMatchObject({ refusal: { httpStatus: 200, rpcCode: -32601, reason: 'unknown_method' } });
    }
  });

  it('refuses a mirror header that disagrees, although it needs none', () => {
    const body = legacy('tools/call', { name: 'get-env' });
    expect(classify(body, { 'Mcp-Name': 'echo' })).toMatchObject({ refusal: { httpStatus: 400, rpcCode: -32020 } });
    expect(classify(body, { 'Mcp-Method': 'ping' })).toMatchObject({ refusal: { httpStatus: 400, rpcCode: -32020 } });
    expect(classify(body, { 'Mcp-Name': 'get-env', 'Mcp-Method': 'tools/call' })).toMatchObject({ ok: true });
  });

  it.each([
    ['no name', {}, 'Invalid params: params.name is missing.'],
    ['a name of the wrong type', { name: 1 }, 'Invalid params: params.name must be a string.'],
    ['arguments of the wrong type', { name: 'a', arguments: [] }, 'Invalid params: params.arguments must be an object.'],
  ])('refuses a call with %s as −32602', (_, params, message) => {
    expect(classify(legacy('tools/call', params))).toMatchObject({ refusal: { httpStatus: 200, rpcCode: -32602, message } });
  });

  it('has one page of tools, so a cursor is −32602', () => {
    expect(classify(legacy('tools/list', { cursor: '' }))).toMatchObject({ refusal: { rpcCode: -32602, reason: 'invalid_params' } });
  });

  it('refuses a version it does not know, naming those it does', () => {
    expect(classify(legacy('ping'), { [V]: '1999-01-01' }, ['2025-06-18'])).toMatchObject({
      refusal: { httpStatus: 400, rpcCode: -32022, data: { supported: ['2025-06-18'], requested: '1999-01-01' } },
    });
  });
});

describe('the modern era', () => {
  it.each([
    ['tools/call', { name: 'echo' }, 'tool_call'],
    ['tools/call', { name: 'caf\u00e9' }, 'tool_call'],
    ['tools/list', {}, 'tool_list'],
    ['server/discover', {}, 'discover'],
    ['subscriptions/listen', {}, 'listen'],
    ['resources/read', { uri: 'test://a' }, 'other_known'],
    ['tasks/update', { taskId: 't' }, 'other_known'],
  ])('takes %s %o', (method, params, methodClass) => {
    const { body, headers } = modernRequest(method, params);
    if ('name' in params && params.name === 'caf\u00e9') headers['Mcp-Name'] = '=?base64?Y2Fmw6k=?=';
    expect(classify(body, headers)).toEqual({ ok: true, value: { era: 'modern', methodClass, protocolVersion: '2026-07-28' } });
  });

  const call = modernRequest('tools/call', { name: 'echo' });
  it.each([
    ['no version header', { 'Mcp-Method': 'tools/call', 'Mcp-Name': 'echo' }],
    ['an older version header', { ...call.headers, [V]: '2025-06-18' }],
    ['no Mcp-Method', { [V]: '2026-07-28', 'Mcp-Name': 'echo' }],
    ['another Mcp-Method', { ...call.headers, 'Mcp-Method': 'tools/list' }],
    ['Mcp-Method in another case', { ...call.headers, 'Mcp-Method': 'Tools/Call' }],
    ['no Mcp-Name', { [V]: '2026-07-28', 'Mcp-Method': 'tools/call' }],
    ['another Mcp-Name', { ...call.headers, 'Mcp-Name': 'get-env' }],
    ['an encoded other Mcp-Name', { ...call.headers, 'Mcp-Name': '=?base64?Z2V0LWVudg==?=' }],
    ['a broken sentinel', { ...call.headers, 'Mcp-Name': '=?base64?%%%?=' }],
  ])('answers %s with HTTP 400 and −32020', (_, headers) => {
    expect(classify(call.body, headers as Record<string, string>)).toMatchObject({ refusal: { httpStatus: 400, rpcCode: -32020, reason: 'header_mismatch' } });
  });

  it('takes an encoded Mcp-Name for what it stands for', () => {
    expect(classify(call.body, { ...call.headers, 'Mcp-Name': '=?base64?ZWNobw==?=' })).toMatchObject({ ok: true });
  });

  const without = (key: string) => ({ ...legacy('tools/call', { name: 'echo', _meta: { ...modernMeta, [key]: undefined } }) });
  it.each(['io.modelcontextprotocol/protocolVersion', 'io.modelcontextprotocol/clientCapabilities'])('answers a missing %s with HTTP 400 and −32602', (key) => {
    expect(classify(without(key), call.headers)).toMatchObject({ refusal: { httpStatus: 400, rpcCode: -32602, data: { missing: [key] } } });
  });

  it('needs no client info', () => {
    expect(classify(without('io.modelcontextprotocol/clientInfo'), call.headers)).toMatchObject({ ok: true });
  });

  it('answers a revision it does not serve with −32022', () => {
    const meta = { ...modernMeta, 'io.modelcontextprotocol/protocolVersion': '2027-01-01' };
    const future = legacy('tools/list', { _meta: meta });
    expect(classify(future, { [V]: '2027-01-01', 'Mcp-Method': 'tools/list' })).toMatchObject({
      refusal: { httpStatus: 400, rpcCode: -32022, data: { requested: '2027-01-01', supported: ['2026-07-28'] } },
    });
    expect(classify(call.body, call.headers, ['2025-06-18'])).toMatchObject({ refusal: { rpcCode: -32022, data: { supported: ['2025-06-18'] } } });
    expect(classify(legacy('initialize', { protocolVersion: '2025-06-18' }), {}, ['2026-07-28'])).toMatchObject({ refusal: { rpcCode: -32022 } });
  });

  it('does not serve an older revision in the modern form', () => {
    const meta = { ...modernMeta, 'io.modelcontextprotocol/protocolVersion': '2025-06-18' };
    expect(classify(legacy('tools/list', { _meta: meta }), { [V]: '2025-06-18' })).toMatchObject({ refusal: { rpcCode: -32022, data: { supported: ['2026-07-28'] } } });
  });

  it.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'tasks/list', 'tools/run'])('answers %s with HTTP 404 and −32601', (method) => {
    const { body, headers } = modernRequest(method);
    expect(classify(body, headers)).toMatchObject({ refusal: { httpStatus: 404, rpcCode: -32601 } });
  });

  it('refuses an initialize that names the modern version in its header only', () => {
    expect(classify(legacy('initialize'), { [V]: '2026-07-28' })).toMatchObject({ refusal: { rpcCode: -32020 } });
  });

  it('takes a notification by its header, and no response at all', () => {
    expect(classify({ jsonrpc: '2.0', method: 'notifications/x' }, { [V]: '2026-07-28' })).toMatchObject({ value: { era: 'modern', methodClass: 'notification' } });
    expect(classify({ jsonrpc: '2.0', id: 1, result: {} }, { [V]: '2026-07-28' })).toMatchObject({ refusal: { httpStatus: 400, reason: 'response_not_expected' } });
  });
});

describe('method tables', () => {
  it('give every method of an era a class', () => {
    for (const era of ['legacy', 'modern'] as const) {
      for (const method of methodsOf(era)) expect(METHOD_CLASSES).toContain(classifyMethod(method, era));
    }
    expect(methodsOf('modern')).not.toContain('initialize');
    expect(methodsOf('legacy')).not.toContain('server/discover');
  });
});
