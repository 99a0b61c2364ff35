import type { Result } from '@sallyport/kernel';

import type { RpcId } from './frame.js';
import type { MessageFault, MessageSummary } from './message-summary.js';
import { MessageWatcher } from './message-watcher.js';

/**
 * Checks that what an upstream sends is exactly one response to the request that was forwarded, while its bytes pass by:
 * one object, `jsonrpc` 2.0, the expected id, one of `result` and `error`, no batch, nothing after it.
 *
 * `feed` says `bad` as soon as that is certain, so that a relay can stop before the rest; `end` says the rest.
 */
export class ResponseWatcher {
  private readonly watcher: MessageWatcher;

  constructor(expectedId: RpcId) {
    this.watcher = new MessageWatcher(expectedId);
  }

  /** Takes the next chunk as it arrives; the chunk is not kept. */
  feed(chunk: Uint8Array): 'ok' | { readonly bad: MessageFault } {
    return this.watcher.feed(chunk);
  }

  /** After the last chunk: what the response said, or why it is none. */
  end(): Result<MessageSummary, MessageFault> {
    return this.watcher.end();
  }
}

/** Checks a response that is there as a whole. */
export function readResponse(expectedId: RpcId, body: Uint8Array): Result<MessageSummary, MessageFault> {
  const watcher = new MessageWatcher(expectedId);
  watcher.feed(body);
  return watcher.end();
}

/** Reads any one message of an upstream (an SSE event's data, a line of stdio): its kind, id and method. */
export function readUpstreamMessage(body: Uint8Array): Result<MessageSummary, MessageFault> {
  const watcher = new MessageWatcher();
  watcher.feed(body);
  return watcher.end();
}
