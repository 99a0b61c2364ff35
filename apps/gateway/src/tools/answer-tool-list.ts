import { toolListBody } from '@sallyport/mcp-protocol';

import type { GatewayCore } from '../gateway-core.js';
import { answer } from '../http/client-answer.js';
import type { AdmittedRequest } from '../pipeline/admit-request.js';
import { clientNameOf } from '../pipeline/posted-message.js';

/** Answers `tools/list` from the precomputed list, whatever the transport; the upstream is never asked. That it did is noted behind the answer. */
export function answerToolList(core: GatewayCore, { request }: AdmittedRequest): void {
  const { binding, exchange, id, kind } = request;
  core.calls.leave(binding.identity.identityId);
  const catalogue = core.catalogues.of(binding);
  answer(exchange.response, exchange.requestId, { status: 200, body: toolListBody(catalogue.list(kind.era), id) });
  const { sourceIp, requestId } = exchange;
  core.books.notes.listServed({ binding, sourceIp, requestId, clientName: clientNameOf(request), protocolVersion: kind.protocolVersion, shown: catalogue.count });
}
