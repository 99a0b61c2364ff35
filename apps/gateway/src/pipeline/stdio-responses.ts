import type { RpcId } from '@sallyport/mcp-protocol';
import { readUpstreamMessage } from '@sallyport/mcp-protocol';
import type { StdioServer } from '@sallyport/upstream';

import { clientOf, type PostedMessage, type PostedRequest } from './posted-message.js';

/** Server requests one client may have open at a time. */
const MAX_EXPECTED = 64;

/**
 * What shared stdio processes asked clients in the course of their requests, so that their answers find the way back. Keyed by who
 * the client is, so that nobody answers for another.
 */
export class StdioResponses {
  private readonly expected = new Map<string, Map<RpcId, StdioServer>>();

  /** The server asked the client of this request something; its answer may come. */
  expect(request: PostedRequest, message: Buffer, server: StdioServer): void {
    const read = readUpstreamMessage(message);
    if (!read.ok || read.value.id === null) return;
    const client = clientOf(request);
    const open = this.expected.get(client) ?? new Map<RpcId, StdioServer>();
    if (open.size < MAX_EXPECTED) open.set(read.value.id, server);
    this.expected.set(client, open);
  }

  /** A request is over: what its client was asked needs no answer any more. */
  forget(request: PostedRequest): void {
    if (this.expected.size > 0) this.expected.delete(clientOf(request));
  }

  /** Hands a client's response to the server that waits for it, if one does. */
  take(message: PostedMessage): void {
    const { frame } = message;
    if (frame.kind !== 'response' || frame.id === null) return;
    const open = this.expected.get(clientOf(message));
    const server = open?.get(frame.id);
    open?.delete(frame.id);
    server?.respond(message.body);
  }
}
