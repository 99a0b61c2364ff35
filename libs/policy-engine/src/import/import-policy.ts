import { canonicalJson, ok, refuse, type JsonObject, type JsonValue, type Result } from '@sallyport/kernel';

import type { PolicyDocument } from '../document.js';
import { FindingList, pointerToken, type PolicyFinding } from '../finding.js';
import { parsePolicy } from '../parse/parse-policy.js';
import { anyObject, inside, listOf, objectWith, oneOf, optional, textOf, type Place } from '../parse/shape.js';
import { refused } from './import-condition.js';
import { importRule, type ImportedRule } from './import-rule.js';
import { readYaml, type PlacedFinding, type YamlText } from './read-yaml.js';

const POLICY = { known: ['version', 'description', 'default', 'hide', 'tools'], required: ['version'] };
const TOOL = { known: ['rules'] };
const EVERY_TOOL = '*';
const GLOBAL = '_global';
const MAX_HIDDEN = 1_000;
const MAX_RULES = 100;
const LONGEST_NAME = 256;
const LONGEST_TEXT = 10_000;

/** A policy converted from the older form. */
export interface ImportedPolicy {
  readonly document: PolicyDocument;
  /** The document as canonical JSON. */
  readonly text: string;
  /** Where what is imported says more plainly what the older form left open; the policy stands as it is. */
  readonly notes: readonly PlacedFinding[];
}

/**
 * Converts a policy of the older YAML form, whose rules hold conditions that must hold and counters named
 * `state.<tool>.<counter>`, with `"*"` for every tool and `default: allow` where none is said (POLICY.md, section 11).
 *
 * A counter becomes a limit for each grant, the grant being what the older form's one proxy was. Every call is admitted or
 * denied as before; where several rules deny one call, another of their messages may be told.
 *
 * @returns What cannot be said exactly, or is no policy of that form, is refused with its line, never approximated.
 */
export function importPolicy(yaml: string): Result<ImportedPolicy, readonly PlacedFinding[]> {
  const read = readYaml(yaml);
  if (!read.ok) return read;
  const findings = new FindingList('error');
  const notes = new FindingList('warning');
  const converted = convert(read.value.value, { findings, pointer: '' }, notes);
  if (converted === undefined || !findings.isEmpty) return refuse(read.value.placed(findings.all()));
  const text = canonicalJson(converted.policy);
  const parsed = parsePolicy(text);
  if (parsed.ok) return ok({ document: parsed.value, text, notes: read.value.placed(notes.all()) });
  return refuse(placedBySource(parsed.refusal, converted.sources, read.value));
}

interface Converted {
  readonly policy: JsonObject;
  /** From a pointer into the policy to where it came from. */
  readonly sources: ReadonlyMap<string, string>;
}

function convert(value: JsonValue, place: Place, notes: FindingList): Converted | undefined {
  const object = objectWith(value, place, POLICY);
  if (object === undefined) return undefined;
  const version = object['version'];
  if (version !== undefined && version !== '1' && version !== 1) place.findings.add('bad_value', inside(place, 'version').pointer, 'The version must be "1".');
  const sources = new Map<string, string>();
  const tools = Object.create(null) as Record<string, JsonValue>;
  let allTools: JsonObject | undefined;
  const written = object['tools'] === undefined || object['tools'] === null ? {} : (anyObject(object['tools'], inside(place, 'tools')) ?? {});
  for (const [name, tool] of Object.entries(written)) {
    const at = inside(inside(place, 'tools'), name);
    const pointer = name === EVERY_TOOL ? '/all_tools' : `/tools/${pointerToken(name)}`;
    const rule = importTool(tool ?? null, at, { scope: name === EVERY_TOOL ? GLOBAL : name, pointer, sources, notes });
    if (name === EVERY_TOOL) allTools = rule;
    else tools[name] = rule;
  }
  const description = object['description'] === undefined || object['description'] === null ? undefined : textOf(object['description'], inside(place, 'description'), LONGEST_TEXT);
  const effect = oneOf(object['default'] ?? 'allow', inside(place, 'default'), ['allow', 'deny']);
  const hide = importHidden(object['hide'] ?? undefined, inside(place, 'hide'));
  return { policy: { version: '1', ...optional('description', description), default: effect, hide, ...optional('all_tools', allTools), tools }, sources };
}

interface ToolContext {
  readonly scope: string;
  readonly pointer: string;
  readonly sources: Map<string, string>;
  readonly notes: FindingList;
}

function importTool(value: JsonValue, place: Place, context: ToolContext): JsonObject {
  const object = value === null ? {} : (objectWith(value, place, TOOL) ?? {});
  const at = inside(place, 'rules');
  const rules = listOf(object['rules'] ?? undefined, at, MAX_RULES).flatMap((rule, index) => importRule(rule, inside(at, index), context) ?? []);
  refuseSharedCounters(rules);
  for (const rule of rules) noteAmounts(rule, context.notes);
  context.sources.set(context.pointer, place.pointer);
  const lists = { deny_if: listed(rules, 'denyIf', 'deny_if', context), require: listed(rules, 'require', 'require', context), limits: listed(rules, 'limit', 'limits', context) };
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

function listed(rules: readonly ImportedRule[], part: 'denyIf' | 'require' | 'limit', list: string, { pointer, sources }: ToolContext): readonly JsonObject[] {
  const found: JsonObject[] = [];
  for (const rule of rules) {
    const written = rule[part];
    if (written === undefined) continue;
    const at = `${pointer}/${list}/${found.length}`;
    sources.set(at, rule.place.pointer);
    if (part === 'require') for (const [index, condition] of rule.conditions.entries()) sources.set(`${at}/conditions/${index}`, condition);
    found.push(written);
  }
  return found;
}

function refuseSharedCounters(rules: readonly ImportedRule[]): void {
  const seen = new Set<JsonValue>();
  for (const { limit, place } of rules) {
    const counter = limit?.['counter'];
    if (counter === undefined) continue;
    if (seen.has(counter)) place.findings.add('duplicate_counter', place.pointer, 'Another rule of this tool counts by the same counter.');
    seen.add(counter);
  }
}

function noteAmounts({ limit, place }: ImportedRule, notes: FindingList): void {
  if (limit?.['increment_from'] === undefined) return;
  notes.add('not_exact', `${place.pointer}/state/increment_from`, 'Amounts are counted exactly here, fractions too, and a negative one is denied; some versions of the older form cut fractions off.');
}

function importHidden(value: JsonValue | undefined, place: Place): readonly string[] {
  return listOf(value, place, MAX_HIDDEN).flatMap((name, index) => {
    const at = inside(place, index);
    const text = textOf(name, at, LONGEST_NAME);
    if (text !== undefined && text !== EVERY_TOOL && text.includes('*')) return refused(at, 'Here * in a name stands for any characters; the older form knows it only alone.') ?? [];
    return text ?? [];
  });
}

function placedBySource(findings: readonly PolicyFinding[], sources: ReadonlyMap<string, string>, yaml: YamlText): readonly PlacedFinding[] {
  return yaml.placed(
    findings.map((finding) => {
      let at = finding.pointer;
      while (at !== '' && !sources.has(at)) at = at.slice(0, at.lastIndexOf('/'));
      return { ...finding, pointer: sources.get(at) ?? finding.pointer };
    }),
  );
}
