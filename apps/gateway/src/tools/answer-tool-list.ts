import { resultBody } from '@sallyport/mcp-protocol';

import type { GatewayCore } from '../gateway-core.js';
import { answer } from '../http/client-answer.js';
import { admitUnrecorded } from '../pipeline/admit-request.js';
import type { PostedRequest } from '../pipeline/posted-message.js';

/**
 * Answers `tools/list` from the precomputed list; the upstream is never asked. The list depends on who asks, so in the modern
 * era it leaves as `private` and is to be asked for again.
 */
export async function answerToolList(core: GatewayCore, request: PostedRequest): Promise<void> {
  if ((await admitUnrecorded(core, request)) === undefined) return;
  const { binding, exchange, id, kind } = request;
  core.calls.leave(binding.identity.identityId);
  const { listed } = core.catalogues.of(binding);
  const result = kind.era === 'modern' ? `{"resultType":"complete","tools":[${listed}],"ttlMs":0,"cacheScope":"private"}` : `{"tools":[${listed}]}`;
  answer(exchange.response, exchange.requestId, { status: 200, body: resultBody(id, result) });
}
