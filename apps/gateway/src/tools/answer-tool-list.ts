import { toolListBody } from '@sallyport/mcp-protocol';

import type { GatewayCore } from '../gateway-core.js';
import { answer } from '../http/client-answer.js';
import { admitUnrecorded } from '../pipeline/admit-request.js';
import type { PostedRequest } from '../pipeline/posted-message.js';

/** Answers `tools/list` from the precomputed list, whatever the transport; the upstream is never asked. */
export async function answerToolList(core: GatewayCore, request: PostedRequest): Promise<void> {
  if ((await admitUnrecorded(core, request)) === undefined) return;
  const { binding, exchange, id, kind } = request;
  core.calls.leave(binding.identity.identityId);
  const list = core.catalogues.of(binding).list(kind.era);
  answer(exchange.response, exchange.requestId, { status: 200, body: toolListBody(list, id) });
}
