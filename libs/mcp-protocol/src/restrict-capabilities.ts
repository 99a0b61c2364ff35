import { type JsonObject, type JsonValue, isJsonObject } from '@sallyport/kernel';

/** How an upstream's own description is shown to a client. */
export interface CapabilityRules {
  /** Whether the policy's default lets prompts, resources, completions and tasks through. */
  readonly allowOthers: boolean;
  /** Whether tasks go through with them. Default: as `allowOthers` says. */
  readonly allowTasks?: boolean;
  /** Revisions the gateway serves for this upstream; `supportedVersions` of `server/discover` keeps only these. */
  readonly served?: readonly string[];
}

const OTHERS: ReadonlySet<string> = new Set(['prompts', 'resources', 'completions']);
const TASKS = 'tasks';
const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/**
 * The result of `initialize` or `server/discover` as a client of the gateway may see it. What the policy closes is not advertised,
 * the tasks extension with it; `tools.listChanged` is true, because the gateway itself tells when a policy changes the list;
 * a cache scope becomes private. Everything else stays, unknown capabilities and extensions too.
 */
export function restrictCapabilities(result: JsonObject, rules: CapabilityRules): JsonObject {
  const changed: Record<string, JsonValue | undefined> = { ...result };
  if (isJsonObject(result['capabilities'])) changed['capabilities'] = restricted(result['capabilities'], rules);
  if (result['cacheScope'] !== undefined) changed['cacheScope'] = 'private';
  const { served } = rules;
  const versions = result['supportedVersions'];
  if (served !== undefined && Array.isArray(versions)) changed['supportedVersions'] = versions.filter((version) => served.includes(version));
  return changed;
}

function restricted(capabilities: JsonObject, { allowOthers, allowTasks = allowOthers }: CapabilityRules): JsonObject {
  const isAllowed = (name: string): boolean => (OTHERS.has(name) ? allowOthers : allowTasks || (name !== TASKS && name !== TASKS_EXTENSION));
  const kept = Object.entries(capabilities).filter(([name]) => isAllowed(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, shown(name, value, isAllowed)]));
}

function shown(name: string, value: JsonValue | undefined, isAllowed: (extension: string) => boolean): JsonValue | undefined {
  if (!isJsonObject(value)) return value;
  if (name === 'tools') return { ...value, listChanged: true };
  if (name !== 'extensions') return value;
  return Object.fromEntries(Object.entries(value).filter(([extension]) => extension !== TASKS_EXTENSION || isAllowed(extension)));
}
