import type { IncomingMessage, ServerResponse } from 'node:http';

const BODY = JSON.stringify({ errors: [{ message: 'The control plane is starting. Try again in a moment.', extensions: { code: 'unavailable' } }] });

/** Answers every request while there is no admin API yet, in the API's own form: to be asked again in a moment. */
export function refuseStarting(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'application/json', 'cache-control': 'no-store', 'retry-after': '1' }).end(BODY);
}
