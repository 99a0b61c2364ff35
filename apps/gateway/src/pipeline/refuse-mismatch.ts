import { isListed } from '@sallyport/policy-engine';
import { checkParamHeaders, refusedFrame } from '@sallyport/mcp-protocol';

import type { GatewayCore } from '../gateway-core.js';
import { answer } from '../http/client-answer.js';
import type { PostedRequest } from './posted-message.js';
import { recordMalformed } from './record-malformed.js';

/**
 * Answers, and records as malformed, a modern tool call whose `Mcp-Param-*` headers do not say what its arguments say; `undefined`
 * when they agree. Only tools that the caller may see are looked at: of others it learns nothing, not even their declarations.
 *
 * @see MCP 2026-07-28, "Streamable HTTP", custom headers: HTTP 400 and −32020.
 */
export function refuseMismatch(core: GatewayCore, request: PostedRequest): Promise<void> | undefined {
  const { binding, frame, exchange, kind } = request;
  const { policy, toolLabels } = binding;
  const { approved, quarantined } = binding.server;
  if (approved === null || approved.mirrored.size === 0 || kind.era !== 'modern' || frame.name === null) return undefined;
  const declared = approved.mirrored.get(frame.name);
  if (declared === undefined || quarantined.has(frame.name) || policy === null || !isListed(policy.compiled, frame.name, toolLabels.of(frame.name))) return undefined;
  const refusal = checkParamHeaders(declared, exchange.headers, frame.args);
  if (refusal === undefined) return undefined;
  const { httpStatus, body } = refusedFrame(request.id, refusal);
  return recordMalformed(core, { exchange, binding, frame }).then(() => answer(exchange.response, exchange.requestId, { status: httpStatus, body }));
}
