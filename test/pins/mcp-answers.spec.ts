import { deniedCall, deniedRequest, DECISION_META_KEY, RPC_CODES, unknownTool, type RpcId } from '@sallyport/mcp-protocol';
import { branded } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { REFUSALS, tooLarge } from '../../apps/gateway/src/http/refusals.js';

const decision = { decisionId: 'd-1', ruleId: '/tools/pay/deny_if/0', policyVersion: 3, reasonCode: 'rule_denied', retryAfterMs: 1_500 };
const request = { id: branded<RpcId>('7'), era: 'legacy' } as const;

describe('what an MCP client sees', () => {
  it('is one of these JSON-RPC codes', () => {
    expect(RPC_CODES).toEqual({
      parseError: -32700,
      invalidRequest: -32600,
      methodNotFound: -32601,
      invalidParams: -32602,
      internalError: -32603,
      headerMismatch: -32020,
      missingClientCapability: -32021,
      unsupportedProtocolVersion: -32022,
      policyDenied: 1403,
      upstreamFailed: 1502,
    });
  });

  it('is a tool result when a call is denied', () => {
    expect(JSON.parse(deniedCall(request, 'Refunds stop at 100.', decision).body)).toEqual({
      jsonrpc: '2.0',
      id: 7,
      result: {
        content: [{ type: 'text', text: '[POLICY DENIED] Refunds stop at 100.' }],
        isError: true,
        _meta: { 'sallyport/decision': { decisionId: 'd-1', ruleId: '/tools/pay/deny_if/0', policyVersion: 3, reasonCode: 'rule_denied', retryAfterMs: 1_500 } },
      },
    });
    expect(DECISION_META_KEY).toBe('sallyport/decision');
  });

  it('is the same for a hidden tool as for one that never was', () => {
    expect(JSON.parse(unknownTool(request, 'pay').body)).toEqual({ jsonrpc: '2.0', id: 7, error: { code: -32602, message: 'Unknown tool: pay' } });
  });

  it('is 1403 with the decision when another request is denied', () => {
    expect(JSON.parse(deniedRequest(request, 'No.', decision).body)).toMatchObject({ error: { code: 1403, message: '[POLICY DENIED] No.', data: { decisionId: 'd-1' } } });
  });

  it('is one of these statuses when no frame is read', () => {
    expect(Object.fromEntries(Object.entries(REFUSALS).map(([name, { status }]) => [name, status]))).toEqual(expect.objectContaining({
      bad_host: 403,
      bad_origin: 403,
      closing: 503,
      no_token: 401,
      bad_token: 401,
      unknown_server: 404,
      method: 405,
      modern_method: 405,
      content_type: 415,
      content_encoding: 415,
      not_acceptable: 406,
      no_session: 400,
      session_unknown: 404,
      stream_taken: 409,
      upstream_failed: 502,
    }));
    expect(tooLarge(10).status).toBe(413);
  });
});
