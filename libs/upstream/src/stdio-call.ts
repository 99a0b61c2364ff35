import type { ProtocolEra } from '@sallyport/domain-events';

import type { UpstreamErrorKind } from './upstream-call.js';

/** What becomes of a request to a stdio server. `onResponse` and `onError` exclude each other and come once, last; nothing follows `abort`. */
export interface StdioHandler {
  /** The last word, in the same synchronous step that writes to the process. False: nothing is written, `onError('withdrawn')` follows. */
  beforeSend?(): boolean;
  /** A notification that belongs to this request (its progress, its cancellation by the server), the client's token restored. One JSON-RPC message. */
  onNotification?(message: Buffer): void;
  /**
   * A request of the server while this was its only request in flight, so that it can only be meant for its caller. The id is the server's own;
   * the answer goes to `StdioServer.respond`. Absent: the server is answered "method not found".
   */
  onServerRequest?(message: Buffer): void;
  /** The response, result or error, with the client's id as it was written. One JSON-RPC message, otherwise the server's own bytes. */
  onResponse(message: Buffer): void;
  /** `call.sent` tells whether the process may have seen the request. */
  onError(kind: UpstreamErrorKind): void;
}

/** A request to a stdio server under way. */
export interface StdioCall {
  readonly sent: boolean;
  /** Gives up waiting and tells the server by `notifications/cancelled`. The handler hears nothing more. */
  abort(): void;
}

/** Something that happened to a stdio server, for logs and metrics; never holds what the process wrote. */
export type StdioServerEvent =
  | { readonly type: 'started'; readonly pid: number }
  | { readonly type: 'introduced'; readonly era: ProtocolEra }
  | { readonly type: 'exited'; readonly code: number | null; readonly signal: string | null; readonly noiseLines: number }
  | { readonly type: 'not_started'; readonly reason: string }
  | { readonly type: 'restarting'; readonly inMs: number };
