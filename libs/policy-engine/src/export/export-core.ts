import { canonicalJson, isJsonObject, ok, refuse, type JsonObject, type JsonValue, type Result } from '@sallyport/kernel';

import type { PolicyDocument } from '../document.js';
import { FindingList, type PolicyFinding } from '../finding.js';
import { readJson } from '../parse/read-json.js';
import { inside, type Place } from '../parse/shape.js';
import { printPolicy } from '../print-policy.js';
import { coreConditions, type CoreElement } from './core-conditions.js';

const CORE_WINDOWS: readonly JsonValue[] = ['minute', 'hour', 'day'];
const EXTENSIONS: Readonly<Record<string, string>> = {
  select: 'The core form has rules for tools by name only; write the rules under each tool\'s name.',
  flows: 'The core form has no flows.',
  timezone: 'The core form knows no time.',
};
const RULE_EXTENSIONS: Readonly<Record<string, string>> = {
  approval: 'The core form has no approvals.',
  response: 'The core form has no rules about answers.',
  record: 'The core form does not say what is kept of arguments.',
};
const LIMIT_EXTENSIONS: Readonly<Record<string, JsonValue>> = { scope: 'grant', algorithm: 'fixed', count: 'call', class: 'hard', on_exceed: 'deny' };

/**
 * Writes a policy in the core form alone, the part that the market's hosted form shares (POLICY.md), in which every call is
 * decided as before. Short forms are written out; groups of conditions are written as more elements where that says the same.
 *
 * @returns Canonical JSON; or what cannot be said in the core form, with pointers into the canonical form of the document.
 */
export function exportCorePolicy(document: PolicyDocument): Result<string, readonly PolicyFinding[]> {
  const read = readJson(printPolicy(document), Infinity);
  const findings = new FindingList('error');
  const place: Place = { findings, pointer: '' };
  const source = read.ok && isJsonObject(read.value) ? read.value : {};
  if (document.mode === 'shadow') cannot(inside(place, 'mode'), 'The core form has no versions that only look on.');
  for (const hidden of document.hide.keys()) exportHidden(document.hide[hidden] ?? '', inside(inside(place, 'hide'), hidden));
  for (const [field, sentence] of Object.entries(EXTENSIONS)) if (!isEmpty(source[field])) cannot(inside(place, field), sentence);
  const allTools = source['all_tools'] === undefined ? undefined : exportAllTools(source['all_tools'], inside(place, 'all_tools'));
  const written = isJsonObject(source['tools']) ? source['tools'] : {};
  const tools: Record<string, JsonValue> = Object.create(null);
  for (const [name, rule] of Object.entries(written)) tools[name] = exportRule(rule ?? null, inside(inside(place, 'tools'), name));
  if (!findings.isEmpty) return refuse(findings.all());
  return ok(canonicalJson({ version: '1', default: document.default, hide: document.hide, all_tools: allTools, tools }));
}

function exportHidden(name: string, place: Place): void {
  if (name !== '*' && name.includes('*')) cannot(place, 'The core form hides tools by name, or all of them by "*".');
}

function exportAllTools(value: JsonValue, place: Place): JsonObject {
  const rule = exportRule(value, place);
  for (const list of ['require', 'deny_if']) if (!isEmpty(rule[list])) cannot(inside(place, list), 'The core form has nothing but limits for all tools.');
  return { limits: rule['limits'] };
}

function exportRule(value: JsonValue, place: Place): JsonObject {
  const rule = isJsonObject(value) ? value : {};
  for (const [field, sentence] of Object.entries(RULE_EXTENSIONS)) if (rule[field] !== undefined && !(field === 'record' && rule[field] === 'digest')) cannot(inside(place, field), sentence);
  if (rule['action'] === 'require_approval') cannot(inside(place, 'action'), RULE_EXTENSIONS['approval'] ?? '');
  if (rule['rate_limit'] !== undefined) cannot(inside(place, 'rate_limit'), 'It counts by session, which the core form does not know; write a limit with scope grant.');
  const denied: readonly JsonValue[] = rule['action'] === 'deny' ? [{ conditions: [], ...(rule['reason'] === undefined ? {} : { on_deny: rule['reason'] }) }] : [];
  return {
    require: elementsOf(rule['require'], inside(place, 'require'), 'require'),
    deny_if: [...elementsOf(rule['deny_if'], inside(place, 'deny_if'), 'deny_if'), ...denied],
    limits: listOf(rule['limits']).map((limit, index) => exportLimit(limit, inside(inside(place, 'limits'), index))),
  };
}

function elementsOf(list: JsonValue | undefined, place: Place, kind: CoreElement): readonly JsonValue[] {
  return listOf(list).flatMap((value, index): readonly JsonValue[] => {
    const at = inside(place, index);
    const element = isJsonObject(value) ? value : {};
    if (element['on_missing'] !== undefined && kind === 'deny_if') cannot(inside(at, 'on_missing'), 'In the core form a missing value never matches a deny_if.');
    const alternatives = coreConditions(listOf(element['conditions']), inside(at, 'conditions'), kind);
    return alternatives.map((conditions) => ({ conditions, ...(element['on_deny'] === undefined ? {} : { on_deny: element['on_deny'] }) }));
  });
}

function exportLimit(value: JsonValue, place: Place): JsonObject {
  const limit = isJsonObject(value) ? value : {};
  for (const [field, usual] of Object.entries(LIMIT_EXTENSIONS)) {
    if (limit[field] !== undefined && limit[field] !== usual) cannot(inside(place, field), `The core form has only "${String(usual)}" here.`);
  }
  if (!CORE_WINDOWS.includes(limit['window'] ?? null)) cannot(inside(place, 'window'), 'The core form has the windows minute, hour and day.');
  const { counter, window, max, increment_from: from, on_deny: onDeny } = limit;
  if (from !== undefined && typeof from !== 'string') cannot(inside(place, 'increment_from'), 'The core form has no pointers.');
  return { counter, window, max, scope: 'grant', increment_from: from, on_deny: onDeny };
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function cannot(place: Place, message: string): void {
  place.findings.add('not_exact', place.pointer, message);
}
