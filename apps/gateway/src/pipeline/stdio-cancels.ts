import type { RpcId } from '@sallyport/mcp-protocol';
import { readUpstreamMessage } from '@sallyport/mcp-protocol';
import type { StdioServer } from '@sallyport/upstream';

import type { PostedMessage, PostedRequest } from './posted-message.js';

/** Server requests one client may have open at a time. */
const MAX_EXPECTED = 64;

/**
 * What clients of shared stdio processes may still say about requests under way: cancel one of their own, or answer what the
 * server asked them. Keyed by who the client is, so that nobody reaches another's request.
 */
export class StdioCancels {
  private readonly cancels = new Map<string, () => void>();
  private readonly expected = new Map<string, Map<RpcId, StdioServer>>();

  /** Remembers how to cancel a request, until the answer is called. */
  expect(request: PostedRequest, cancel: () => void): () => void {
    const key = `${clientOf(request)} ${request.id}`;
    this.cancels.set(key, cancel);
    return () => {
      if (this.cancels.get(key) === cancel) this.cancels.delete(key);
      this.expected.delete(clientOf(request));
    };
  }

  /** The server asked the client of this request something; its answer may come. */
  expectResponse(request: PostedRequest, message: Buffer, server: StdioServer): void {
    const read = readUpstreamMessage(message);
    if (!read.ok || read.value.id === null) return;
    const client = clientOf(request);
    const open = this.expected.get(client) ?? new Map<RpcId, StdioServer>();
    if (open.size < MAX_EXPECTED) open.set(read.value.id, server);
    this.expected.set(client, open);
  }

  /** Carries out a client's `notifications/cancelled` or response, if it is about something of its own. */
  take(message: PostedMessage): void {
    const { frame } = message;
    if (frame.kind === 'notification' && frame.cancelledId !== null) this.cancels.get(`${clientOf(message)} ${frame.cancelledId}`)?.();
    if (frame.kind !== 'response' || frame.id === null) return;
    const open = this.expected.get(clientOf(message));
    const server = open?.get(frame.id);
    open?.delete(frame.id);
    server?.respond(message.body);
  }
}

function clientOf({ session, binding }: PostedMessage): string {
  return session?.id ?? binding.entry.tokenId;
}
