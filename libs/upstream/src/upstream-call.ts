/**
 * Why an exchange with an upstream ended without a whole answer. Codes only: what the network said never leaves this library,
 * because it may name addresses.
 *
 * `refused`  no connection (refused, unreachable, name unknown) · `tls` no trusted connection · `egress` the address may not be reached ·
 * `timeout` too slow, at connecting, at the first header or between two parts · `reset` cut off in the middle ·
 * `redirect` the upstream pointed elsewhere · `encoded` a compressed answer, which was not asked for · `pool_full` too many calls wait ·
 * `too_large` an answer beyond the bound ·
 * `unframeable` the request cannot be written as HTTP · `withdrawn` `beforeSend` said no · `aborted` our side gave up ·
 * `closed` this library was shut down.
 */
export type UpstreamErrorKind =
  | 'refused'
  | 'tls'
  | 'egress'
  | 'timeout'
  | 'reset'
  | 'redirect'
  | 'encoded'
  | 'pool_full'
  | 'too_large'
  | 'unframeable'
  | 'withdrawn'
  | 'aborted'
  | 'closed';

/** One HTTP request to an upstream, as it will stand on the wire. */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query; starts with `/`. */
  readonly path: string;
  /**
   * Names and values in turn. The array belongs to the call from here on. No hop-by-hop names, no `content-length` (`unframeable`), no
   * `accept-encoding` (`identity` is added); a `host` replaces the one of the address.
   */
  readonly headers: string[];
  readonly body: Buffer | null;
  /** Milliseconds until the answer's headers are whole, counted from the sending; 0 for ever. Up to half a second late, never early. */
  readonly headersTimeoutMs: number;
  /** Milliseconds of silence allowed between two parts of the answer; 0 for streams that may rest. Up to half a second late, never early. */
  readonly idleTimeoutMs: number;
}

/** What becomes of a request. `onError` and `onEnd` exclude each other and come once, last; nothing is called after `abort`. */
export interface UpstreamHandler {
  /**
   * The last word, called in the same synchronous step that hands the bytes to the socket, after every wait (resolution, connection, a free
   * slot). False: nothing was sent, the connection stays usable, `onError('withdrawn')` follows. Must not throw.
   */
  beforeSend?(): boolean;
  /** Status and headers; `rawHeaders` holds names and values in turn, as sent, a character a byte. Informational answers (1xx) are not shown. */
  onHeaders(status: number, rawHeaders: readonly string[]): void;
  /** Part of the body. False stops the reading until `call.resume()`. */
  onData(chunk: Buffer): boolean;
  onEnd(): void;
  /** `call.sent` tells whether the upstream may have seen the request. */
  onError(kind: UpstreamErrorKind): void;
}

/** A request under way. */
export interface UpstreamCall {
  /** Whether the bytes were handed to the socket: from then on the upstream may have acted on them. Never goes back to false. */
  readonly sent: boolean;
  /** Goes on reading after an `onData` that returned false. */
  resume(): void;
  /** Gives up; closes the connection if the request was sent. The handler hears nothing more. */
  abort(): void;
}
