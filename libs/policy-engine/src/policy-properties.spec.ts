import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compilePolicy } from './compile-policy.js';
import { decide } from './decide.js';
import { diffPolicies } from './diff-policies.js';
import { explain } from './explain.js';
import { isListed, marksAskedFor, recordLevelOf } from './is-listed.js';
import { lintPolicy } from './lint-policy.js';
import { parsePolicy } from './parse/parse-policy.js';
import { readJson } from './parse/read-json.js';
import { printPolicy } from './print-policy.js';
import { filterMessage, responseFilter } from './response/response-filter.js';
import { aPolicy, aPolicyDocument } from './testing/a-policy.js';
import { aToolCall } from './testing/a-tool-call.js';
import { arbitraryAnswerDenial, arbitraryCall, arbitraryDocument, type GeneratedDocument, type GeneratedRule } from './testing/arbitrary-policies.js';
import { arbitraryBound, arbitraryDeny, type NamedTightening } from './testing/arbitrary-tightenings.js';
import type { ToolCall, Verdict } from './verdict.js';

const runs = { numRuns: 400 };
/** What is refused after the rules, once people agreed: an approval that is missing, and an amount that cannot be counted. */
const AFTER_RULES: ReadonlySet<string> = new Set(['approval_required', 'limit_amount_invalid']);
const openness = (verdict: Verdict): number => (verdict.effect === 'allow' ? 2 : AFTER_RULES.has(verdict.reasonCode) ? 1 : 0);

/** Documents of which half deny, hide and ask for little, so that limits and answers are come to. */
const documents = fc.oneof(arbitraryDocument, arbitraryDocument.map(opened));

function opened(document: GeneratedDocument): GeneratedDocument {
  const { hide: _, flows: __, all_tools: allTools = {}, select = [], tools = {}, ...rest } = document;
  const openedTools = Object.fromEntries(Object.entries(tools).map(([name, rule]) => [name, openedRule(rule)]));
  return { ...rest, default: 'allow', all_tools: openedRule(allTools), select: select.map((each) => ({ ...openedRule(each), match: each.match, allow: each.allow })), tools: openedTools };
}

function openedRule({ limits = [], response = {} }: GeneratedRule): GeneratedRule {
  return { limits, response };
}

/** That a call goes no further than before, and takes no less of any limit. */
function expectNoMore(document: GeneratedDocument, { tighten }: NamedTightening, call: ToolCall): void {
  const [before, after] = [decide(aPolicy(document), call), decide(aPolicy(tighten(document)), call)];
  expect(openness(after)).toBeLessThanOrEqual(openness(before));
  if (before.effect !== 'allow' || after.effect !== 'allow') return;
  const taken = (verdict: typeof before): readonly object[] => verdict.asks.map(({ ruleId: _, approval: __, ...ask }) => ask);
  expect(taken(after)).toEqual(expect.arrayContaining([...taken(before)]));
  expect(after.responses).toEqual(before.responses);
  expect(after.record).toBe(before.record);
}

describe('a policy of all the language', { timeout: 120_000 }, () => {
  it('never allows more when a deny is added, wherever it is put [policy/deny-wins]', () => {
    fc.assert(fc.property(documents, arbitraryDeny, arbitraryCall, expectNoMore), { numRuns: 500 });
  });

  it('never allows more when a requirement, an approval or a limit is added [policy/deny-wins]', () => {
    fc.assert(fc.property(documents, arbitraryBound, arbitraryCall, expectNoMore), { numRuns: 500 });
  });

  it('lets no more of an answer through when a denial of answers is added [policy/deny-wins]', () => {
    fc.assert(
      fc.property(documents, arbitraryAnswerDenial, arbitraryCall, answers, (document, denial, call, answer) => {
        const allTools = document.all_tools ?? {};
        const stricter = { ...document, all_tools: { ...allTools, response: { ...allTools.response, deny_if: [denial, ...(allTools.response?.deny_if ?? [])] } } };
        const [before, after] = [filtered(document, call, answer), filtered(stricter, call, answer)];
        if (after !== 'denied') expect(after).toEqual(before);
      }),
      runs,
    );
  });

  it('decides alike in whatever order its keys and those of the call stand [policy/pure]', () => {
    fc.assert(
      fc.property(arbitraryDocument, arbitraryCall, fc.nat(), fc.nat(), (document, call, seed, otherSeed) => {
        const other = aPolicy(JSON.stringify(reordered(document, otherSeed)));
        const same: ToolCall = { ...call, ...(reordered({ identity: call.identity, grant: call.grant }, seed) as Pick<ToolCall, 'identity' | 'grant'>), args: reordered(call.args, seed) as JsonObject };
        const policy = aPolicy(JSON.stringify(document));
        expect(decide(other, same)).toStrictEqual(decide(policy, call));
        expect(explain(other, same, true).steps.map(({ ruleId, held }) => [ruleId, held])).toEqual(explain(policy, call, true).steps.map(({ ruleId, held }) => [ruleId, held]));
      }),
      runs,
    );
  });

  it('finds a value equal to itself in whatever order its keys stand [policy/pure]', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.nat(), fc.nat(), (value, seed, otherSeed) => {
        const [wanted, given] = [reordered(value, seed), reordered(value, otherSeed)];
        const is = (op: string, of: unknown, path = 'args.v'): object => ({ path, op, value: of });
        const conditions = [is('eq', wanted), is('in', [0.5, wanted]), is('contains', wanted, 'args.list'), is('eq', wanted, 'args.list[*]'), is('matches_schema', { const: wanted }), { not: is('neq', wanted) }];
        const read = readJson(JSON.stringify({ v: given, list: [given] }));
        const policy = aPolicy({ tools: { t: { require: [{ conditions }] } } });
        expect(decide(policy, aToolCall({ tool: 't', args: read.ok && isJsonObject(read.value) ? read.value : {} })).effect).toBe('allow');
      }),
      runs,
    );
  });

  it('is refused for a field that it does not know, wherever that stands [policy/strict]', () => {
    fc.assert(
      fc.property(arbitraryDocument, fc.nat(), (document, at) => {
        const written = JSON.parse(JSON.stringify(document)) as JsonValue;
        const objects = placesOf(written, []).filter(isFieldsOnly);
        const { tokens = [], part = {} } = objects[at % objects.length] ?? {};
        const parsed = parsePolicy(canonicalJson(replaced(written, tokens, { ...(part as JsonObject), zz: 1 })));
        const pointer = [...tokens, 'zz'].map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
        expect(parsed.ok ? [] : parsed.refusal.map((finding) => `${finding.code} ${finding.pointer}`)).toContain(`unknown_field ${pointer}`);
      }),
      runs,
    );
  });

  it('lists a tool exactly when it is neither hidden nor left out, whatever its rules say of a call [gateway/list-filtered]', () => {
    fc.assert(
      fc.property(arbitraryDocument, arbitraryCall, (document, call) => {
        const policy = aPolicy(document);
        const verdict = decide(policy, call);
        const isUnseen = verdict.effect === 'deny' && (verdict.reasonCode === 'hidden' || verdict.reasonCode === 'default_deny');
        expect(isListed(policy, call.tool, call.labels)).toBe(!isUnseen);
      }),
      runs,
    );
  });

  it('is read back from its printed form as it was, which is printed once more the same', () => {
    fc.assert(
      fc.property(arbitraryDocument, fc.nat(), (source, seed) => {
        const document = aPolicyDocument(JSON.stringify(source));
        const printed = printPolicy(document);
        expect(parsePolicy(printed)).toEqual({ ok: true, value: document });
        expect(printPolicy(aPolicyDocument(printed))).toBe(printed);
        expect(printPolicy(aPolicyDocument(JSON.stringify(reordered(source, seed))))).toBe(printed);
      }),
      runs,
    );
  });
});

describe('nothing makes the engine throw', { timeout: 120_000 }, () => {
  it('no document and no call [policy/pure]', () => {
    fc.assert(
      fc.property(arbitraryDocument, fc.oneof(arbitraryCall, oddCalls), (document, call) => {
        const policy = aPolicy(JSON.stringify(document));
        const verdict = decide(policy, call);
        expect(explain(policy, call).verdict).toEqual(verdict);
        expect(isListed(policy, call.tool, call.labels) || verdict.effect === 'deny').toBe(true);
        expect(recordLevelOf(policy, call.tool, call.labels)).toEqual(expect.any(String));
        expect(marksAskedFor(policy, call.tool, call.labels)).toEqual(expect.any(Array));
      }),
      { numRuns: 500 },
    );
  });

  it('no document that somebody damaged: it is refused, or means something [policy/pure]', () => {
    fc.assert(
      fc.property(arbitraryDocument, fc.nat(), oddValues, fc.oneof(arbitraryCall, oddCalls), (document, at, value, call) => {
        const parsed = parsePolicy(canonicalJson(damaged(document, at, value)));
        if (!parsed.ok) {
          expect(parsed.refusal.length).toBeGreaterThan(0);
          return;
        }
        expect(decide(compilePolicy(parsed.value), call).effect).toMatch(/^(allow|deny)$/);
        expect(lintPolicy(parsed.value).every(({ severity }) => severity === 'warning')).toBe(true);
        expect(diffPolicies(parsed.value, parsed.value).entries).toEqual([]);
        expect(parsePolicy(printPolicy(parsed.value))).toEqual(parsed);
      }),
      { numRuns: 500 },
    );
  });

  it('no text', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.json(), arbitraryDocument.chain((document) => fc.nat(200).map((end) => JSON.stringify(document).slice(0, end))));
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parsePolicy(text);
        expect(parsed.ok || parsed.refusal.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

const words = fc.oneof(fc.constantFrom('', '__proto__', 'toString', '\u0000', '\ud800', 'a'.repeat(5_000)), fc.string({ unit: 'binary', maxLength: 12 }));
/** Values of every kind, numbers that no double holds and names that every object has. */
const oddValues: fc.Arbitrary<JsonValue> = fc
  .oneof(
    fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value)),
    fc.constantFrom('1e400', '-0', '12345678901234567890.5', `1e${'9'.repeat(300)}`, `${'['.repeat(60)}1${']'.repeat(60)}`, '{"__proto__":{"amount":1},"constructor":2}'),
    words.map((word) => JSON.stringify(word)),
  )
  .map((text) => {
    const read = readJson(text);
    return read.ok ? read.value : null;
  });
const oddCalls: fc.Arbitrary<ToolCall> = fc
  .tuple(words, fc.dictionary(fc.oneof(words, fc.constantFrom('amount', 'items', 'note', 'to')), oddValues, { maxKeys: 5 }), words, fc.double(), oddValues)
  .map(([tool, args, name, atMs, labels]) =>
    aToolCall({
      tool,
      args,
      atMs: atMs as ToolCall['atMs'],
      identity: { id: name, kind: name, name, labels: isJsonObject(labels) ? (labels as Readonly<Record<string, string>>) : {}, groups: [name] },
      session: { id: name, calls: atMs },
      client: { name },
      labels: { category: null, risk: null, annotations: isJsonObject(labels) ? (labels as Readonly<Record<string, string>>) : {} },
      marks: [name, 'm'],
    }),
  );

const texts = fc.constantFrom('a', 'secret', 'ada@example.org', 'DE89 3704 0044 0532 0130 00', '4111 1111 1111 1111', '\u0000');
const answers = fc
  .oneof(
    fc.record({ content: fc.array(texts.map((text) => ({ type: 'text', text })), { maxLength: 2 }), structuredContent: fc.dictionary(fc.constantFrom('ssn', 'note'), texts), isError: fc.boolean() }, { requiredKeys: [] }),
    fc.jsonValue({ maxDepth: 2 }),
  )
  .map((result) => JSON.stringify({ jsonrpc: '2.0', id: 1, result }));

function filtered(document: GeneratedDocument, call: ToolCall, answer: string): unknown {
  const policy = aPolicy(document);
  const verdict = decide(policy, call);
  if (verdict.effect === 'deny') return 'no answer';
  const filter = responseFilter(policy, verdict.responses);
  const come = filter === undefined ? { kind: 'unchanged' as const } : filterMessage(filter, new TextEncoder().encode(answer), { call, hash: (text) => `h${text.length}` });
  return come.kind === 'denied' ? 'denied' : come.kind === 'rewritten' ? come.message : answer;
}

/** The same value, the keys of every object in another order. */
function reordered(value: unknown, seed: number): unknown {
  if (Array.isArray(value)) return value.map((each) => reordered(each, seed));
  if (typeof value !== 'object' || value === null || (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null)) return value;
  const keys = Object.keys(value).sort((left, right) => rank(left, seed) - rank(right, seed));
  return Object.fromEntries(keys.map((key) => [key, reordered((value as Readonly<Record<string, unknown>>)[key], seed)]));
}

function rank(key: string, seed: number): number {
  return [...key].reduce((hash, letter) => Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619) >>> 0, seed >>> 0);
}

/** The document with the value at one place of all it has replaced. */
function damaged(document: GeneratedDocument, at: number, value: JsonValue): JsonValue {
  const written = JSON.parse(JSON.stringify(document)) as JsonValue;
  const places = placesOf(written, []);
  return replaced(written, places[at % places.length]?.tokens ?? [], value);
}

interface Place {
  readonly tokens: readonly string[];
  readonly part: JsonValue;
}

function placesOf(part: JsonValue, tokens: readonly string[]): readonly Place[] {
  const inner = typeof part === 'object' && part !== null ? Object.entries(part) : [];
  return [{ tokens, part }, ...inner.flatMap(([token, each]) => placesOf(each as JsonValue, [...tokens, token]))];
}

function replaced(part: JsonValue, [token, ...rest]: readonly string[], value: JsonValue): JsonValue {
  if (token === undefined) return value;
  if (Array.isArray(part)) return (part as readonly JsonValue[]).map((each, index) => (String(index) === token ? replaced(each, rest, value) : each));
  return isJsonObject(part) ? { ...part, [token]: replaced(part[token] ?? null, rest, value) } : part;
}

/** Where the author of a document gives names and values of their own, nothing is a field. */
function isFieldsOnly({ tokens, part }: Place): boolean {
  return isJsonObject(part) && tokens.join('/') !== 'tools' && !tokens.includes('value') && !tokens.includes('annotations');
}
