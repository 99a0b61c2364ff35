import { branded, isJsonObject, ok, refuse, type EpochMs, type JsonObject, type JsonValue, type Result } from '@sallyport/kernel';

import { TOOL_CATEGORIES, TOOL_RISKS } from '../document.js';
import { FindingList } from '../finding.js';
import { readYaml, type PlacedFinding } from '../import/read-yaml.js';
import { anyObject, inside, listOf, objectWith, oneOf, optional, textOf, wholeNumber, type Place } from '../parse/shape.js';
import type { ToolCall, ToolLabels } from '../verdict.js';
import { CALL_ENDINGS, type EarlierCalls, type PolicyTest, type WantedVerdict } from './policy-test.js';

const FILE = { known: ['version', 'call', 'tests'], required: ['version', 'tests'] };
const TEST = { known: ['name', 'history', 'call', 'want'], required: ['name', 'call', 'want'] };
const CALL = ['tool', 'args', 'at', 'identity', 'grant', 'server', 'session', 'client', 'labels'];
const EARLIER = [...CALL, 'times', 'ended'];
const IDENTITY = { known: ['id', 'kind', 'name', 'labels', 'groups'] };
const WANT = { known: ['effect', 'rule', 'reason', 'message'], required: ['effect'] };
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;
const DEFAULT_AT = '2026-01-05T12:00:00Z';
const MAX_TESTS = 1_000;
const MAX_HISTORY = 100;
const MAX_TIMES = 1_000;
const MAX_CALLS = 100_000;
const MAX_MARKS = 5_000;
const LONGEST = 2_000;

/**
 * Reads a file of policy tests, YAML or JSON:
 *
 * `{ version: "1", call?, tests: [{ name, history?: [call & { times?, ended? }], call, want: { effect, rule?, reason?, message? } }] }`
 *
 * A call has `tool`, `args`, `at` (an instant with its offset), `identity { id, kind, name, labels, groups }`,
 * `grant { id, labels }`, `server { slug }`, `session { id }`, `client { name }` and `labels { category, risk, annotations }`.
 * What it leaves out is taken from `call` of the file, else `at` is 2026-01-05T12:00:00Z, a Monday, ids and names are
 * `test`, and there are no labels and no groups. In `history`, `at` is by default that of the call under test.
 *
 * @returns Every fault found, at most 100, with pointer, line and column. At most 1,000 tests with 100,000 calls together, 5,000 lines and list items.
 */
export function parsePolicyTests(text: string): Result<readonly PolicyTest[], readonly PlacedFinding[]> {
  const read = readYaml(text, MAX_MARKS);
  if (!read.ok) return read;
  const findings = new FindingList('error');
  const tests = parseFile(read.value.value, { findings, pointer: '' });
  return findings.isEmpty ? ok(tests) : refuse(read.value.placed(findings.all()));
}

function parseFile(value: JsonValue, place: Place): readonly PolicyTest[] {
  const object = objectWith(value, place, FILE);
  if (object === undefined) return [];
  if (object['version'] !== undefined && object['version'] !== '1' && object['version'] !== 1) place.findings.add('bad_value', inside(place, 'version').pointer, 'The version must be "1".');
  const shared = object['call'] === undefined ? {} : (objectWith(object['call'], inside(place, 'call'), { known: CALL }) ?? {});
  const at = inside(place, 'tests');
  const tests = listOf(object['tests'], at, MAX_TESTS).flatMap((test, index) => parseTest(test, inside(at, index), shared) ?? []);
  const calls = tests.reduce((sum, test) => sum + 1 + test.history.reduce((times, earlier) => times + earlier.times, 0), 0);
  if (calls > MAX_CALLS) place.findings.add('too_many', at.pointer, `These tests make ${calls} calls; at most ${MAX_CALLS} are allowed.`);
  return tests;
}

function parseTest(value: JsonValue, place: Place, shared: JsonObject): PolicyTest | undefined {
  const object = objectWith(value, place, TEST);
  if (object === undefined) return undefined;
  const name = textOf(object['name'], inside(place, 'name'), LONGEST);
  const call = object['call'] === undefined ? undefined : parseCall(object['call'], inside(place, 'call'), { shared, known: CALL });
  const want = object['want'] === undefined ? undefined : parseWant(object['want'], inside(place, 'want'));
  const at = inside(place, 'history');
  const before = { ...shared, ...optional('at', isJsonObject(object['call']) ? object['call']['at'] : undefined) };
  const history = listOf(object['history'], at, MAX_HISTORY).flatMap((each, index) => parseEarlier(each, inside(at, index), before) ?? []);
  return name === undefined || call === undefined || want === undefined ? undefined : { name, history, call, want };
}

function parseEarlier(value: JsonValue, place: Place, shared: JsonObject): EarlierCalls | undefined {
  const call = parseCall(value, place, { shared, known: EARLIER });
  if (call === undefined || !isJsonObject(value)) return undefined;
  const times = wholeNumber(value['times'] ?? 1, inside(place, 'times'), { least: 1, most: MAX_TIMES });
  const ended = oneOf(value['ended'] ?? 'answered', inside(place, 'ended'), CALL_ENDINGS);
  return times === undefined || ended === undefined ? undefined : { call, times, ended };
}

function parseCall(value: JsonValue, place: Place, from: { readonly shared: JsonObject; readonly known: readonly string[] }): ToolCall | undefined {
  const own = objectWith(value, place, { known: from.known });
  if (own === undefined) return undefined;
  const object: JsonObject = { ...from.shared, ...own };
  const tool = textOf(object['tool'], inside(place, 'tool'), LONGEST);
  if (object['tool'] === undefined) place.findings.add('missing_field', place.pointer, '"tool" is required here.');
  const args = object['args'] === undefined ? {} : anyObject(object['args'], inside(place, 'args'));
  const atMs = parseInstant(object['at'] ?? DEFAULT_AT, inside(place, 'at'));
  const labels = object['labels'] === undefined ? undefined : parseLabels(object['labels'], inside(place, 'labels'));
  const parts = { identity: parseIdentity(object['identity'] ?? {}, inside(place, 'identity')), grant: parseGrant(object['grant'] ?? {}, inside(place, 'grant')) };
  const server = { slug: onlyText(object['server'], 'slug', inside(place, 'server')) };
  const session = { id: onlyText(object['session'], 'id', inside(place, 'session')) };
  const client = { name: onlyText(object['client'], 'name', inside(place, 'client')) };
  if (tool === undefined || args === undefined || atMs === undefined) return undefined;
  return { tool, args, atMs, ...parts, server, session, client, ...optional('labels', labels) };
}

function parseInstant(value: JsonValue, place: Place): EpochMs | undefined {
  const text = textOf(value, place, LONGEST);
  if (text === undefined) return undefined;
  const atMs = INSTANT.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(atMs)) return branded<EpochMs>(atMs);
  place.findings.add('bad_value', place.pointer, 'An instant is written like "2026-01-05T12:00:00Z".');
  return undefined;
}

function parseIdentity(value: JsonValue, place: Place): ToolCall['identity'] {
  const object = objectWith(value, place, IDENTITY) ?? {};
  const groups = object['groups'] === undefined ? [] : listOf(object['groups'], inside(place, 'groups'), MAX_TESTS).flatMap((each, index) => textOf(each, inside(inside(place, 'groups'), index), LONGEST) ?? []);
  const text = (key: string, otherwise: string): string => textOf(object[key], inside(place, key), LONGEST) ?? otherwise;
  return { id: text('id', 'test'), kind: text('kind', 'agent'), name: text('name', 'test'), labels: textMap(object['labels'], inside(place, 'labels')), groups };
}

function parseGrant(value: JsonValue, place: Place): ToolCall['grant'] {
  const object = objectWith(value, place, { known: ['id', 'labels'] }) ?? {};
  return { id: textOf(object['id'], inside(place, 'id'), LONGEST) ?? 'test', labels: textMap(object['labels'], inside(place, 'labels')) };
}

function parseLabels(value: JsonValue, place: Place): ToolLabels {
  const object = objectWith(value, place, { known: ['category', 'risk', 'annotations'] }) ?? {};
  const hints = object['annotations'] === undefined ? {} : (anyObject(object['annotations'], inside(place, 'annotations')) ?? {});
  return {
    category: oneOf(object['category'], inside(place, 'category'), TOOL_CATEGORIES) ?? null,
    risk: oneOf(object['risk'], inside(place, 'risk'), TOOL_RISKS) ?? null,
    annotations: Object.fromEntries(Object.entries(hints).filter((entry): entry is [string, boolean | string] => typeof entry[1] === 'boolean' || typeof entry[1] === 'string')),
  };
}

function parseWant(value: JsonValue, place: Place): WantedVerdict | undefined {
  const object = objectWith(value, place, WANT);
  if (object === undefined) return undefined;
  const effect = oneOf(object['effect'], inside(place, 'effect'), ['allow', 'deny']);
  const text = (key: string): string | undefined => textOf(object[key], inside(place, key), LONGEST);
  return effect === undefined ? undefined : { effect, ...optional('rule', text('rule')), ...optional('reason', text('reason')), ...optional('message', text('message')) };
}

function onlyText(value: JsonValue | undefined, key: string, place: Place): string {
  const object = value === undefined ? {} : (objectWith(value, place, { known: [key] }) ?? {});
  return textOf(object[key], inside(place, key), LONGEST) ?? 'test';
}

function textMap(value: JsonValue | undefined, place: Place): Readonly<Record<string, string>> {
  const object = value === undefined ? {} : (anyObject(value, place) ?? {});
  const entries = Object.entries(object).flatMap(([key, each]): [string, string][] => {
    const text = textOf(each, inside(place, key), LONGEST);
    return text === undefined ? [] : [[key, text]];
  });
  return Object.fromEntries(entries);
}
