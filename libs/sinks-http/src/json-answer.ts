import { isJsonObject, type JsonObject } from '@sallyport/kernel';

import type { HttpAnswer } from './http-client.js';

/** The answer's body as a JSON object; null for anything else, a cut or compressed one included. */
export function jsonAnswer({ body, complete }: HttpAnswer): JsonObject | null {
  if (!complete) return null;
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return isJsonObject(parsed) ? parsed : null;
  } catch {
    return null; // what is no JSON says nothing
  }
}
