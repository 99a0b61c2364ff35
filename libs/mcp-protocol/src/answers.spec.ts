import { describe, expect, it } from 'vitest';

import { deniedCall, deniedRequest, malformedAnswer, methodNotFound, refusedFrame, rpcError, statusOf, unknownTool } from './answers.js';
import type { RpcId } from './frame.js';
import { RPC_CODES } from './rpc-codes.js';

const id = '9007199254740993' as RpcId;
const legacy = { id, era: 'legacy' } as const;
const modern = { id, era: 'modern' } as const;
const decision = { decisionId: 'd', ruleId: '/tools/a/deny_if/0', policyVersion: 3, reasonCode: 'rule_denied' };

describe('answers', () => {
  it('keep the id as the client wrote it', () => {
    expect(deniedCall(legacy, 'No.', decision).body).toContain('"id":9007199254740993,');
    expect(methodNotFound({ ...legacy, id: '"1"' as RpcId }).body).toContain('"id":"1",');
  });

  it('show a denied call as a result the model can read [gateway/denial-shape]', () => {
    const { httpStatus, body } = deniedCall(legacy, 'Refund "exceeds" the limit.', { ...decision, retryAfterMs: 1500 });
    expect(httpStatus).toBe(200);
    expect(JSON.parse(body).result).toEqual({
      content: [{ type: 'text', text: '[POLICY DENIED] Refund "exceeds" the limit.' }],
      isError: true,
      _meta: { 'sallyport/decision': { ...decision, retryAfterMs: 1500 } },
    });
    expect(JSON.parse(deniedCall(modern, 'No.', decision).body).result).toMatchObject({ resultType: 'complete', isError: true });
  });

  it('show a denied request of another kind as error 1403 with the decision', () => {
    expect(JSON.parse(deniedRequest(modern, 'No.', decision).body).error).toEqual({ code: 1403, message: '[POLICY DENIED] No.', data: decision });
  });

  it('say of an unknown tool nothing but its name', () => {
    expect(unknownTool(legacy, 'x"y')).toEqual({ httpStatus: 200, body: `{"jsonrpc":"2.0","id":${id},"error":{"code":-32602,"message":"Unknown tool: x\\"y"}}` });
  });

  it('take their HTTP status from the era', () => {
    expect([-32601, -32602, -32020, -32022, 1403, -32603].map((code) => statusOf(code, 'modern'))).toEqual([404, 200, 400, 400, 200, 200]);
    expect([-32601, -32602, -32020, 1403].map((code) => statusOf(code, 'legacy'))).toEqual([200, 200, 200, 200]);
    expect(rpcError(modern, { code: -32601, message: 'Method not found' }).httpStatus).toBe(404);
  });

  it('refuse a notification by HTTP status, since it has no id to answer', () => {
    const refusal = { httpStatus: 200, rpcCode: -32601, message: 'Method not found', reason: 'unknown_method' } as const;
    expect(refusedFrame(null, refusal).httpStatus).toBe(400);
    expect(refusedFrame(id, refusal).httpStatus).toBe(200);
  });

  it('carry the data of an unsupported version', () => {
    const refusal = { httpStatus: 400, rpcCode: -32022, message: 'm', reason: 'unsupported_version', data: { supported: ['a'], requested: 'b' } } as const;
    expect(JSON.parse(refusedFrame(id, refusal).body).error.data).toEqual({ supported: ['a'], requested: 'b' });
  });

  it('answer what is no frame without an id', () => {
    expect(malformedAnswer({ rpcCode: -32700, status: 400, reason: 'not_json', message: 'm' })).toEqual({
      httpStatus: 400,
      body: '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m"}}',
    });
  });

  it('use own codes only outside the reserved range', () => {
    for (const code of [RPC_CODES.policyDenied, RPC_CODES.upstreamFailed]) expect(code < -32768 || code > -32000).toBe(true);
  });
});
