import { ok, refuse, type JsonValue, type Result } from '@sallyport/kernel';

import { isTimezone } from '../conditions/timezone.js';
import type { PolicyDocument, Rule } from '../document.js';
import { FindingList, type PolicyFinding } from '../finding.js';
import { checkCounters } from './check-counters.js';
import { DocumentBudget } from './document-budget.js';
import { parseFlows } from './parse-flows.js';
import { parseRule } from './parse-rule.js';
import { parseSelect } from './parse-select.js';
import { parseToolName } from './parse-tool-name.js';
import { readJson } from './read-json.js';
import { anyObject, inside, listOf, objectWith, oneOf, optional, textOf, type DocumentPlace, type Fields } from './shape.js';

const DOCUMENT: Fields = {
  known: ['version', 'description', 'default', 'mode', 'timezone', 'hide', 'all_tools', 'select', 'tools', 'flows'],
  required: ['version', 'default'],
};
const MAX_TOOLS = 1_000;
const MAX_HIDDEN = 1_000;
const MAX_DESCRIPTION = 10_000;
const MAX_TIMEZONE = 64;

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
  const document = parseDocument(read.value, { findings, pointer: '', budget: new DocumentBudget(), pathsFrom: 'args' });
  if (document !== undefined) checkCounters(document, findings);
  return document === undefined || !findings.isEmpty ? refuse(findings.all()) : ok(document);
}

function parseDocument(value: JsonValue, place: DocumentPlace): PolicyDocument | undefined {
  const object = objectWith(value, place, DOCUMENT);
  if (object === undefined) return undefined;
  return {
    version: oneOf(object['version'], inside(place, 'version'), ['1'] as const) ?? '1',
    ...optional('description', parseDescription(object['description'], inside(place, 'description'))),
    default: oneOf(object['default'], inside(place, 'default'), ['allow', 'deny'] as const) ?? 'deny',
    mode: oneOf(object['mode'], inside(place, 'mode'), ['enforce', 'shadow'] as const) ?? 'enforce',
    ...optional('timezone', parseTimezone(object['timezone'], inside(place, 'timezone'))),
    hide: parseHide(object['hide'], inside(place, 'hide')),
    ...optional('allTools', object['all_tools'] === undefined ? undefined : parseRule(object['all_tools'], inside(place, 'all_tools'))),
    select: parseSelect(object['select'], inside(place, 'select')),
    tools: parseTools(object['tools'], inside(place, 'tools')),
    flows: parseFlows(object['flows'], inside(place, 'flows')),
  };
}

function parseDescription(value: JsonValue | undefined, place: DocumentPlace): string | undefined {
  return value === '' ? '' : textOf(value, place, MAX_DESCRIPTION);
}

function parseTimezone(value: JsonValue | undefined, place: DocumentPlace): string | undefined {
  const name = textOf(value, place, MAX_TIMEZONE);
  if (name === undefined || isTimezone(name)) return name;
  place.findings.add('bad_value', place.pointer, 'This is no time zone of the IANA data base, such as "Europe/Berlin".');
  return undefined;
}

function parseHide(value: JsonValue | undefined, place: DocumentPlace): readonly string[] {
  return listOf(value, place, MAX_HIDDEN).flatMap((name, index) => parseToolName(name, inside(place, index)) ?? []);
}

function parseTools(value: JsonValue | undefined, place: DocumentPlace): ReadonlyMap<string, Rule> {
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
    if (parseToolName(name, at) === undefined) continue;
    const rule = parseRule(object[name] ?? null, at);
    if (rule !== undefined) tools.set(name, rule);
  }
  return tools;
}
