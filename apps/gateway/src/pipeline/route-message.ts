import type { GatewayCore } from '../gateway-core.js';
import { introduceClient } from '../sessions/introduce-client.js';
import { answerToolList } from '../tools/answer-tool-list.js';
import { admitRequest, admitUnrecorded } from './admit-request.js';
import { allowsTasks } from './decide-call.js';
import { listenedFor } from './listened-for.js';
import { isRequest, type PostedMessage, type PostedRequest } from './posted-message.js';
import { refuseMismatch } from './refuse-mismatch.js';
import { relayNotice } from './relay-notice.js';
import { relayRequest } from './relay-request.js';

/** Requests of the class `other_known` that carry nothing of the server's own: they go through like the protocol's housekeeping. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(['logging/setLevel']);

/**
 * Sends a message the way of its class. Tool calls whose mirrored headers agree with them, and what follows the policy's default,
 * are decided and recorded; the tool list is answered here; the protocol's housekeeping passes the gates and is relayed.
 */
export function routeMessage(core: GatewayCore, message: PostedMessage): Promise<void> | undefined {
  const { methodClass } = message.kind;
  if (methodClass === 'notification' || methodClass === 'response' || !isRequest(message)) return void relayNotice(core, message);
  switch (methodClass) {
    case 'tool_list':
      return admitUnrecorded(core, message, answerToolList);
    case 'initialize':
    case 'discover':
      return introduceClient(core, message);
    case 'listen':
      return refuseTasks(core, message) ?? admitUnrecorded(core, message, relayRequest);
    case 'ping':
      return admitUnrecorded(core, message, relayRequest);
    case 'tool_call':
      return refuseMismatch(core, message) ?? admitRequest(core, message, relayRequest);
    case 'other_known':
      return HOUSEKEEPING.has(message.frame.method) ? admitUnrecorded(core, message, relayRequest) : admitRequest(core, message, relayRequest);
  }
}

/** Refuses, and records, to listen for tasks where their answers may not be had; a client that asks for the rest only is let in. */
function refuseTasks(core: GatewayCore, message: PostedRequest): Promise<void> | undefined {
  if (allowsTasks(message.binding) || !listenedFor(message.body).tasks) return undefined;
  return admitRequest(core, message, relayRequest);
}
