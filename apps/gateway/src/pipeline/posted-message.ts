import type { Classified, Frame, RpcId } from '@sallyport/mcp-protocol';

import type { ClientSession } from '../sessions/client-session.js';
import type { GrantBinding } from '../snapshot/grant-binding.js';
import type { Exchange } from './exchange.js';

/** A POST that was read, understood and belongs to somebody: what every step behind the envelope works on. */
export interface PostedMessage {
  readonly exchange: Exchange;
  readonly binding: GrantBinding;
  readonly frame: Frame;
  /** The bytes as received; what is forwarded. */
  readonly body: Buffer;
  readonly kind: Classified;
  /** The client's legacy session, when it named one. */
  readonly session: ClientSession | undefined;
  /** Of a request, its id; `null` for a message that is owed no answer. */
  readonly id: RpcId | null;
}

/** Whether a message is owed an answer. */
export function isRequest(message: PostedMessage): message is PostedRequest {
  return message.id !== null;
}

/** A posted request: a message that is owed an answer. */
export interface PostedRequest extends PostedMessage {
  readonly id: RpcId;
}

/** Whom a message is from, as far as the gateway can tell clients apart: the session, or where there is none the credential. */
export function clientOf({ session, binding }: PostedMessage): string {
  return session?.id ?? binding.entry.tokenId;
}

/** The name a client gave itself: in this message, or when its session began. Unverified. */
export function clientNameOf({ frame, session }: PostedMessage): string | null {
  return frame.clientName ?? session?.terms.clientName ?? null;
}
