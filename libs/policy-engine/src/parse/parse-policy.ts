import { ok, refuse, type JsonValue, type Result } from '@sallyport/kernel';

import type { PolicyDocument, Rule } from '../document.js';
import { FindingList, type PolicyFinding } from '../finding.js';
import { checkCounters } from './check-counters.js';
import { PatternBudget } from './parse-condition.js';
import { parseRule } from './parse-rule.js';
import { readJson } from './read-json.js';
import { anyObject, inside, listOf, objectWith, oneOf, textOf, type Fields, type Place } from './shape.js';

const DOCUMENT: Fields = {
  known: ['version', 'description', 'default', 'mode', 'hide', 'all_tools', 'tools'],
  required: ['version', 'default'],
  later: ['select', 'flows', 'timezone'],
};
const MAX_TOOLS = 1_000;
const MAX_HIDDEN = 1_000;
const MAX_NAME = 256;
const MAX_DESCRIPTION = 10_000;

/**
 * Parses and checks a policy document.
 *
 * Total, and bounded for any text: 256 KiB, 64 levels, 1,000 tools, 100 conditions a rule, and a budget for patterns.
 *
 * @param text The JSON text. Numbers keep their exact value.
 * @returns The document, or every error found, at most 100: none is a warning. Warnings come from `lintPolicy`.
 */
export function parsePolicy(text: string): Result<PolicyDocument, readonly PolicyFinding[]> {
  const read = readJson(text);
  if (!read.ok) return read;
  const findings = new FindingList('error');
  const document = parseDocument(read.value, { findings, pointer: '' });
  if (document !== undefined) checkCounters(document, findings);
  return document === undefined || !findings.isEmpty ? refuse(findings.all()) : ok(document);
}

function parseDocument(value: JsonValue, place: Place): PolicyDocument | undefined {
  const object = objectWith(value, place, DOCUMENT);
  if (object === undefined) return undefined;
  const patterns = new PatternBudget();
  const version = oneOf(object['version'], inside(place, 'version'), { members: ['1'] as const });
  const effect = oneOf(object['default'], inside(place, 'default'), { members: ['allow', 'deny'] as const });
  const mode = oneOf(object['mode'] ?? 'enforce', inside(place, 'mode'), { members: ['enforce', 'shadow'] as const });
  const description = parseDescription(object['description'], inside(place, 'description'));
  const hide = parseHide(object['hide'], inside(place, 'hide'));
  const allTools = object['all_tools'] === undefined ? undefined : parseRule(object['all_tools'], inside(place, 'all_tools'), patterns);
  const tools = parseTools(object['tools'], inside(place, 'tools'), patterns);
  return {
    version: version ?? '1',
    ...(description === undefined ? {} : { description }),
    default: effect ?? 'deny',
    mode: mode ?? 'enforce',
    hide,
    ...(allTools === undefined ? {} : { allTools }),
    tools,
  };
}

function parseDescription(value: JsonValue | undefined, place: Place): string | undefined {
  return value === '' ? '' : textOf(value, place, MAX_DESCRIPTION);
}

function parseHide(value: JsonValue | undefined, place: Place): readonly string[] {
  return listOf(value, place, MAX_HIDDEN).flatMap((name, index) => textOf(name, inside(place, index), MAX_NAME) ?? []);
}

function parseTools(value: JsonValue | undefined, place: Place, patterns: PatternBudget): ReadonlyMap<string, Rule> {
  const tools = new Map<string, Rule>();
  const object = value === undefined ? undefined : anyObject(value, place);
  if (object === undefined) return tools;
  const names = Object.keys(object);
  if (names.length > MAX_TOOLS) {
    place.findings.add('too_many', place.pointer, `This policy names ${names.length} tools; at most ${MAX_TOOLS} are allowed.`);
    return tools;
  }
  for (const name of names) {
    const at = inside(place, name);
    if (textOf(name, at, MAX_NAME) === undefined) continue;
    const rule = parseRule(object[name] ?? null, at, patterns);
    if (rule !== undefined) tools.set(name, rule);
  }
  return tools;
}
