import type { ProtocolEra } from '@sallyport/domain-events';
import { type JsonObject, canonicalJson } from '@sallyport/kernel';

import type { MalformedFrame, RpcId } from './frame.js';
import type { Refusal } from './refusal.js';
import { RPC_CODES } from './rpc-codes.js';

/** An answer that needs no upstream: HTTP status and JSON body, to be sent as `application/json`. */
export interface Answer {
  readonly httpStatus: number;
  readonly body: string;
}

/** What `_meta["sallyport/decision"]` tells a caller: nothing here may reveal a hidden tool. */
export interface ShownDecision {
  readonly decisionId: string;
  /** `null` when no rule and no default stood behind it, such as an unreachable server. */
  readonly ruleId: string | null;
  /** `null` when no policy was in force. */
  readonly policyVersion: number | null;
  readonly reasonCode: string;
  /** Milliseconds until a retry may pass; only where waiting helps. */
  readonly retryAfterMs?: number;
}

/** The `_meta` key under which a decision is shown. */
export const DECISION_META_KEY = 'sallyport/decision';

/** Codes whose HTTP status 2026-07-28 fixes. All other errors to a readable request travel with 200, as results do. */
const MODERN_STATUS: ReadonlyMap<number, number> = new Map([
  [RPC_CODES.methodNotFound, 404],
  [RPC_CODES.headerMismatch, 400],
  [RPC_CODES.missingClientCapability, 400],
  [RPC_CODES.unsupportedProtocolVersion, 400],
]);

/** The HTTP status of a JSON-RPC error about a readable request: always 200 in the legacy era, where another status makes clients drop the session. */
export function statusOf(rpcCode: number, era: ProtocolEra): number {
  return era === 'legacy' ? 200 : (MODERN_STATUS.get(rpcCode) ?? 200);
}

/** A JSON-RPC error body. `id` goes in as its source text; `null` when no request could be read. */
export function errorBody(id: RpcId | null, error: { readonly code: number; readonly message: string; readonly data?: JsonObject }): string {
  const data = error.data === undefined ? '' : `,"data":${canonicalJson(error.data)}`;
  return `{"jsonrpc":"2.0","id":${id ?? 'null'},"error":{"code":${error.code},"message":${JSON.stringify(error.message)}${data}}}`;
}

/** A JSON-RPC result body around a result's JSON text. */
export function resultBody(id: RpcId, resultText: string): string {
  return `{"jsonrpc":"2.0","id":${id},"result":${resultText}}`;
}

/**
 * A denied `tools/call`: a tool result the model can read, HTTP 200 in both eras.
 *
 * @param message The sentence without its `[POLICY DENIED]` prefix.
 */
export function deniedCall(request: { readonly id: RpcId; readonly era: ProtocolEra }, message: string, decision: ShownDecision): Answer {
  const text = JSON.stringify(`[POLICY DENIED] ${message}`);
  const kind = request.era === 'modern' ? '"resultType":"complete",' : '';
  const meta = `{${JSON.stringify(DECISION_META_KEY)}:${decisionText(decision)}}`;
  const result = `{${kind}"content":[{"type":"text","text":${text}}],"isError":true,"_meta":${meta}}`;
  return { httpStatus: 200, body: resultBody(request.id, result) };
}

/** What a hidden tool and a tool that never existed both answer under `default: allow`: −32602, and nothing else that could tell them apart. */
export function unknownTool(request: { readonly id: RpcId; readonly era: ProtocolEra }, name: string): Answer {
  return rpcError(request, { code: RPC_CODES.invalidParams, message: `Unknown tool: ${name}` });
}

/** A denied request other than `tools/call`: 1403 with the decision as `data`. */
export function deniedRequest(request: { readonly id: RpcId; readonly era: ProtocolEra }, message: string, decision: ShownDecision): Answer {
  const data = `,"data":${decisionText(decision)}`;
  const error = `{"code":${RPC_CODES.policyDenied},"message":${JSON.stringify(`[POLICY DENIED] ${message}`)}${data}}`;
  return { httpStatus: statusOf(RPC_CODES.policyDenied, request.era), body: `{"jsonrpc":"2.0","id":${request.id},"error":${error}}` };
}

/** A method that the policy's `default: deny`, the era or the server leaves out: −32601, as if it did not exist. */
export function methodNotFound(request: { readonly id: RpcId; readonly era: ProtocolEra }): Answer {
  return rpcError(request, { code: RPC_CODES.methodNotFound, message: 'Method not found' });
}

/** Any JSON-RPC error to a readable request, with the status its era gives it. */
export function rpcError(
  request: { readonly id: RpcId; readonly era: ProtocolEra },
  error: { readonly code: number; readonly message: string; readonly data?: JsonObject },
): Answer {
  return { httpStatus: statusOf(error.code, request.era), body: errorBody(request.id, error) };
}

/** The answer to a frame refused before policy; `id` is `null` for a notification, whose refusal is still an HTTP error. */
export function refusedFrame(id: RpcId | null, refusal: Refusal): Answer {
  const error = { code: refusal.rpcCode, message: refusal.message };
  return {
    httpStatus: id === null && refusal.httpStatus === 200 ? 400 : refusal.httpStatus,
    body: errorBody(id, refusal.data === undefined ? error : { ...error, data: refusal.data }),
  };
}

/** The answer to a body that is no frame: its id is unknown, so `null`. */
export function malformedAnswer(refusal: MalformedFrame): Answer {
  return { httpStatus: refusal.status, body: errorBody(null, { code: refusal.rpcCode, message: refusal.message }) };
}

function decisionText(decision: ShownDecision): string {
  const { decisionId, ruleId, policyVersion, reasonCode, retryAfterMs } = decision;
  return JSON.stringify({ decisionId, ruleId, policyVersion, reasonCode, retryAfterMs });
}
