import { isJsonObject, type JsonObject } from '@sallyport/kernel';
import { LEGACY_REVISIONS, jsonText, readJson, restrictCapabilities, resultBody } from '@sallyport/mcp-protocol';
import { followsDefault } from '@sallyport/policy-engine';

import { allowsTasks } from '../pipeline/decide-call.js';
import type { PostedRequest } from '../pipeline/posted-message.js';
import { servedRevisions } from '../snapshot/served-revisions.js';

/**
 * What a client is told of a server: the server's own introduction, less what the policy leaves out.
 *
 * @param introduced The upstream's whole message, or only its result where the gateway holds it for a shared process.
 * @returns The message to answer; `undefined` when the introduction has no readable result.
 */
export function shownIntroduction(request: PostedRequest, introduced: Buffer | string): string | undefined {
  const read = readJson(Buffer.from(introduced));
  if (!read.ok || !isJsonObject(read.value)) return undefined;
  const result = typeof introduced === 'string' ? read.value : read.value['result'];
  if (!isJsonObject(result)) return undefined;
  const { policy, server } = request.binding;
  const allowOthers = policy !== null && followsDefault(policy.compiled) === 'allow';
  const shown = restrictCapabilities(result, { allowOthers, allowTasks: allowsTasks(request.binding), served: servedRevisions(server) });
  return resultBody(request.id, jsonText(typeof introduced === 'string' ? { ...shown, ...agreedVersion(request) } : shown));
}

/** A shared process agreed to one legacy revision when it was started; each of its clients gets the one it asked for. */
function agreedVersion({ frame }: PostedRequest): JsonObject {
  const known: readonly string[] = LEGACY_REVISIONS;
  return frame.askedVersion !== null && known.includes(frame.askedVersion) ? { protocolVersion: frame.askedVersion } : {};
}
