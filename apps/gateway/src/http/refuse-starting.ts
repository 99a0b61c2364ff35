import type { IncomingMessage, ServerResponse } from 'node:http';

import { answer, saneRequestId } from './client-answer.js';
import { REFUSALS } from './refusals.js';

/** Answers every request under `/mcp` while there is no gateway yet: to be asked again in a moment. */
export function refuseStarting({ headers }: IncomingMessage, response: ServerResponse): void {
  const requestId = headers['x-request-id'];
  answer(response, saneRequestId(typeof requestId === 'string' ? requestId : null), REFUSALS.starting);
}
