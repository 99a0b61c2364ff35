import { LEGACY_REVISIONS, resultBody } from '@sallyport/mcp-protocol';
import { isJsonObject, type JsonObject } from '@sallyport/kernel';
import { followsDefault } from '@sallyport/policy-engine';

import type { PostedRequest } from '../pipeline/posted-message.js';

/** Capabilities whose methods follow the policy's default; under `deny` a client is not told of them. */
const FOLLOWING_DEFAULT = ['prompts', 'resources', 'completions', 'tasks'] as const;
const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/**
 * What a client is told of a server: its own introduction, less the capabilities the policy leaves out, with tool list changes
 * announced, because the gateway announces them.
 *
 * @param introduced The upstream's whole message, or only its result where the gateway holds it.
 * @returns The message to answer; `undefined` when the introduction has no readable result.
 */
export function shownIntroduction(request: PostedRequest, introduced: Buffer | string): string | undefined {
  const read: unknown = JSON.parse(introduced.toString());
  const result = typeof introduced === 'string' ? read : isJsonObject(read) ? read['result'] : undefined;
  if (!isJsonObject(result)) return undefined;
  const { policy } = request.binding;
  const isOpen = policy !== null && followsDefault(policy.compiled) === 'allow';
  const shown: JsonObject = { ...result, capabilities: shownCapabilities(result['capabilities'], isOpen), ...agreedVersion(request, introduced), ...privately(result) };
  return resultBody(request.id, JSON.stringify(shown));
}

function shownCapabilities(capabilities: JsonObject[string], isOpen: boolean): JsonObject {
  const all = isJsonObject(capabilities) ? capabilities : {};
  const shown: Record<string, JsonObject[string]> = { ...all };
  if (isJsonObject(all['tools'])) shown['tools'] = { ...all['tools'], listChanged: true };
  if (isOpen) return shown;
  for (const name of FOLLOWING_DEFAULT) delete shown[name];
  if (isJsonObject(all['extensions'])) {
    const { [TASKS_EXTENSION]: _left, ...others } = all['extensions'];
    shown['extensions'] = others;
  }
  return shown;
}

/** A shared process agreed to one legacy revision when it was started; each of its clients gets the one it asked for. */
function agreedVersion(request: PostedRequest, introduced: Buffer | string): JsonObject {
  const asked = request.frame.askedVersion;
  const known: readonly string[] = LEGACY_REVISIONS;
  return typeof introduced === 'string' && asked !== null && known.includes(asked) ? { protocolVersion: asked } : {};
}

/** What is shown depends on the grant, so nobody may share it. */
function privately(result: JsonObject): JsonObject {
  return result['cacheScope'] === undefined ? {} : { cacheScope: 'private' };
}
