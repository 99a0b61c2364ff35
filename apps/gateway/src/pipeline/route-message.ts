import type { GatewayCore } from '../gateway-core.js';
import { introduceClient } from '../sessions/introduce-client.js';
import { answerToolList } from '../tools/answer-tool-list.js';
import { admitRequest, admitUnrecorded, type AdmittedRequest } from './admit-request.js';
import type { PostedMessage, PostedRequest } from './posted-message.js';
import { relayNotice } from './relay-notice.js';
import { relayRequest } from './relay-request.js';

/** Requests of the class `other_known` that carry nothing of the server's own: they go through like the protocol's housekeeping. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(['logging/setLevel']);

/**
 * Sends a message the way of its class. Tool calls, and what follows the policy's default, are decided and recorded; the tool
 * list is answered here; the protocol's housekeeping passes the gates and is relayed.
 */
export async function routeMessage(core: GatewayCore, message: PostedMessage): Promise<void> {
  const { methodClass } = message.kind;
  const { id } = message.frame;
  if (methodClass === 'notification' || methodClass === 'response' || id === null) return relayNotice(core, message);
  const request: PostedRequest = { ...message, id };
  switch (methodClass) {
    case 'tool_list':
      return answerToolList(core, request);
    case 'initialize':
    case 'discover':
      return introduceClient(core, request);
    case 'ping':
    case 'listen':
      return relay(core, await admitUnrecorded(core, request));
    case 'tool_call':
      return relay(core, await admitRequest(core, request));
    case 'other_known':
      return relay(core, await (HOUSEKEEPING.has(message.frame.method) ? admitUnrecorded(core, request) : admitRequest(core, request)));
  }
}

function relay(core: GatewayCore, admitted: AdmittedRequest | undefined): void {
  if (admitted !== undefined) relayRequest(core, admitted);
}
