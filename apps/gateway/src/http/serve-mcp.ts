import type { IncomingMessage, ServerResponse } from 'node:http';

import { readHeaders, refusedFrame } from '@sallyport/mcp-protocol';

import type { GatewayCore } from '../gateway-core.js';
import { Exchange } from '../pipeline/exchange.js';
import { identifyCaller } from '../pipeline/identify-caller.js';
import { servePost } from '../pipeline/serve-post.js';
import { closeSession } from '../sessions/close-session.js';
import { openSessionStream } from '../sessions/open-session-stream.js';
import type { GrantBinding } from '../snapshot/grant-binding.js';
import { answer } from './client-answer.js';
import { REFUSALS } from './refusals.js';

const PATH = /^\/mcp\/([A-Za-z0-9][A-Za-z0-9._-]{0,127})\/?(?:\?|$)/;

/**
 * One request at an address under `/mcp`, up to where its method decides: is it meant for this listener, and whose is it.
 * What nobody foresaw is logged and answered 500.
 */
export function serveMcp(core: GatewayCore, request: IncomingMessage, response: ServerResponse): void {
  const read = readHeaders(request.rawHeaders);
  if (!read.ok) {
    const own = refusedFrame(null, read.refusal);
    return answer(response, null, isRepeatedCredential(request.rawHeaders) ? REFUSALS.bad_token : { status: own.httpStatus, body: own.body });
  }
  const exchange = new Exchange(request, response, read.value, core.books.clock.monotonicMs());
  const misplaced = core.origins.refuses(read.value, request.socket);
  if (misplaced !== null) return answer(response, exchange.requestId, misplaced === 'host' ? REFUSALS.bad_host : REFUSALS.bad_origin);
  if (core.isClosing()) return answer(response, exchange.requestId, REFUSALS.closing);
  const identified = identifyCaller(core, exchange, PATH.exec(request.url ?? '')?.[1]);
  if (identified instanceof Promise) core.supervise(exchange, identified.then((binding) => serveCaller(core, exchange, binding)));
  else serveCaller(core, exchange, identified);
}

function serveCaller(core: GatewayCore, exchange: Exchange, binding: GrantBinding | undefined): void {
  if (binding === undefined) return;
  switch (exchange.request.method) {
    case 'POST':
      return servePost(core, exchange, binding);
    case 'GET':
      return openSessionStream(core, exchange, binding);
    case 'DELETE':
      return closeSession(core, exchange, binding);
    default:
      return answer(exchange.response, exchange.requestId, REFUSALS.method);
  }
}

function isRepeatedCredential(rawHeaders: readonly string[]): boolean {
  return rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'authorization').length > 1;
}
