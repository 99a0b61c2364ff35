import { RPC_CODES, errorBody, type RpcCode } from '@sallyport/mcp-protocol';

import type { WholeAnswer } from './client-answer.js';

/** Refusals that need no readable frame: HTTP status first, with a JSON-RPC error as body so that every client can show it. */
export const REFUSALS = {
  bad_host: whole(403, 'The Host header does not name this gateway. The operator can add the name that clients use.'),
  bad_origin: whole(403, 'Requests from this Origin are not accepted.'),
  starting: { ...whole(503, 'The gateway is starting. Try again in a moment.'), headers: { 'retry-after': 1 } },
  closing: { ...whole(503, 'The gateway is stopping. Try again in a moment.'), headers: { 'retry-after': 1, connection: 'close' } },
  no_token: unauthorised('Bearer realm="sallyport"', 'A grant\'s token is needed: Authorization: Bearer sp_…'),
  bad_token: unauthorised('Bearer realm="sallyport", error="invalid_token"', 'The token is not valid here: unknown, expired or revoked.'),
  unknown_server: whole(404, 'There is no such server for this token.'),
  method: { ...whole(405, 'This address takes POST, GET and DELETE.'), headers: { allow: 'POST, GET, DELETE' } },
  modern_method: { ...whole(405, 'This revision of the protocol takes POST only.'), headers: { allow: 'POST' } },
  content_type: whole(415, 'The body must be application/json.'),
  content_encoding: whole(415, 'The body must not be compressed.'),
  not_acceptable: whole(406, 'A GET here opens an event stream: accept text/event-stream.'),
  no_session: whole(400, 'The Mcp-Session-Id header is missing.'),
  session_unknown: whole(404, 'There is no such session. Begin a new one with initialize.'),
  stream_taken: whole(409, 'This session has as many open streams as it may have.'),
  upstream_failed: whole(502, 'The server behind this address did not answer.', RPC_CODES.upstreamFailed),
} as const satisfies Readonly<Record<string, WholeAnswer>>;

/** Status 413, with the limit named. */
export function tooLarge(maxBytes: number): WholeAnswer {
  return { ...whole(413, `The body is larger than the ${maxBytes} bytes this gateway accepts.`), headers: { connection: 'close' } };
}

/** A refusal to a request whose frame was not read, or which has none. */
export function whole(status: number, message: string, code: RpcCode = RPC_CODES.invalidRequest): WholeAnswer {
  return { status, body: errorBody(null, { code, message }) };
}

function unauthorised(challenge: string, message: string): WholeAnswer {
  return { ...whole(401, message, RPC_CODES.policyDenied), headers: { 'www-authenticate': challenge } };
}
