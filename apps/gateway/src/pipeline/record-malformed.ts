import type { Frame } from '@sallyport/mcp-protocol';

import type { GatewayCore } from '../gateway-core.js';
import { knowledgeAgeMs } from '../snapshot/freshness.js';
import type { GrantBinding } from '../snapshot/grant-binding.js';
import { NO_MARKS } from './borne-marks.js';
import { ownDenial } from './decision.js';
import type { Exchange } from './exchange.js';
import { keepDecision } from './keep-decision.js';
import { decidedRecord } from './record-decision.js';
import { NO_SHADOWS } from './shadow-verdict.js';

/** Records a request of a known caller that could not be read, or that contradicts itself: denied, `request_malformed`. */
export async function recordMalformed(core: GatewayCore, refused: { readonly exchange: Exchange; readonly binding: GrantBinding; readonly frame: Frame | null }): Promise<void> {
  const { exchange, binding, frame } = refused;
  const at = core.books.clock.now();
  const request = {
    decisionId: core.books.ids.next(at),
    at,
    binding,
    frame,
    definitionHash: null,
    protocolVersion: exchange.headers.protocolVersion,
    sessionId: null,
    clientName: frame?.clientName ?? null,
    sourceIp: exchange.sourceIp,
    requestId: exchange.requestId,
    policyAgeMs: knowledgeAgeMs(core.store.stamp, at),
    marks: NO_MARKS,
  };
  core.books.metrics?.callEnded('denied', 'request_malformed');
  await keepDecision(core, decidedRecord(request, ownDenial('request_malformed'), { charges: [], hashes: core.hashes, sealedArguments: null, shadows: NO_SHADOWS }));
}
