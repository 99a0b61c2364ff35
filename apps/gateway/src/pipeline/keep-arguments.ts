import { canonicalJson, isJsonObject, type DecisionId, type JsonObject, type JsonValue } from '@sallyport/kernel';
import { recordLevelOf, type RecordLevel } from '@sallyport/policy-engine';
import type { SecretBox } from '@sallyport/secrets';

import type { GrantBinding } from '../snapshot/grant-binding.js';

/** Arguments up to this size are kept whole where a policy says so, bytes as sent; of larger ones an excerpt. */
const MOST_FULL_BYTES = 65_536;
const EXCERPT = { characters: 64, items: 8, members: 32, levels: 4 } as const;

/** A call whose arguments a policy may keep. */
export interface KeptCall {
  readonly decisionId: DecisionId;
  readonly tool: string;
  readonly args: JsonObject;
  /** Of `args`, as sent. */
  readonly argsBytes: number;
}

/** What a policy keeps of this tool's arguments; a digest where none is in force. */
export function recordLevel({ policy, toolLabels }: GrantBinding, tool: string): RecordLevel {
  return policy === null ? 'digest' : recordLevelOf(policy.compiled, tool, toolLabels.of(tool));
}

/**
 * Seals arguments, or an excerpt of them, with the organisation's key, bound to their decision: JSON `{"level","arguments"}`.
 *
 * @throws {Fault} `secrets.cannot_open` when the organisation's key is not this deployment's.
 */
export function sealArguments(box: SecretBox, { organisation }: GrantBinding, call: KeptCall, wanted: 'excerpt' | 'full'): string {
  const level = wanted === 'full' && call.argsBytes <= MOST_FULL_BYTES ? 'full' : 'excerpt';
  const kept = level === 'full' ? call.args : (excerptOf(call.args, 0) ?? null);
  const context = { organisationId: organisation.organisationId, objectKind: 'decision', objectId: call.decisionId, field: 'arguments' };
  return box.seal(context, organisation.wrappedKey, canonicalJson({ level, arguments: kept }));
}

/** The beginning of every text, list and object, to a few levels: enough to recognise a call, bounded whatever it holds. */
function excerptOf(value: JsonValue | undefined, level: number): JsonValue | undefined {
  if (typeof value === 'string') return value.length > EXCERPT.characters ? `${value.slice(0, EXCERPT.characters)}…` : value;
  if (!isList(value) && !isJsonObject(value)) return value;
  if (level >= EXCERPT.levels) return '…';
  if (isList(value)) return value.slice(0, EXCERPT.items).map((item) => excerptOf(item, level + 1) ?? null);
  const members = Object.entries(value).slice(0, EXCERPT.members);
  return Object.fromEntries(members.map(([name, item]) => [name.slice(0, EXCERPT.characters), excerptOf(item, level + 1)]));
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
