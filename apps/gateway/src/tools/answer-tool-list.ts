import { toolListBody } from '@sallyport/mcp-protocol';

import type { GatewayCore } from '../gateway-core.js';
import { answer } from '../http/client-answer.js';
import type { AdmittedRequest } from '../pipeline/admit-request.js';

/** Answers `tools/list` from the precomputed list, whatever the transport; the upstream is never asked. */
export function answerToolList(core: GatewayCore, { request }: AdmittedRequest): void {
  const { binding, exchange, id, kind } = request;
  core.calls.leave(binding.identity.identityId);
  const list = core.catalogues.of(binding).list(kind.era);
  answer(exchange.response, exchange.requestId, { status: 200, body: toolListBody(list, id) });
}
