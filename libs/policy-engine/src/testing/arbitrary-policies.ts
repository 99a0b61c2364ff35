import { branded, type EpochMs } from '@sallyport/kernel';
import fc from 'fast-check';

import { CONTEXT_ROOTS, DETECTORS, REDACT_ACTIONS } from '../document.js';
import { readJson } from '../parse/read-json.js';
import type { ToolCall, ToolLabels } from '../verdict.js';
import { aToolCall } from './a-tool-call.js';

/** A rule as these documents write it. */
export interface GeneratedRule {
  readonly require?: readonly object[];
  readonly deny_if?: readonly object[];
  readonly limits?: readonly object[];
  readonly action?: string;
  readonly approval?: object;
  readonly response?: { readonly deny_if?: readonly object[] };
}

/** A document as it is written, in all of the language. */
export interface GeneratedDocument {
  readonly version: string;
  readonly default: string;
  readonly hide?: readonly string[];
  readonly all_tools?: GeneratedRule;
  readonly select?: readonly (GeneratedRule & { readonly match: object; readonly allow: boolean })[];
  readonly tools?: Readonly<Record<string, GeneratedRule>>;
  readonly flows?: readonly object[];
}

const names = fc.constantFrom('amount', 'items', 'note', 'to', 'constructor', 'a.b');
const tools = fc.constantFrom('create_charge', 'list', 'delete_account', 'toString');
const leaves = fc.oneof(fc.integer({ min: -3, max: 300 }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom('a', 'admin', '100', '', 'https://api.example.org/x', true, false, null));
/** Often the same, in documents and in calls. */
const objects = fc.constantFrom<object[]>({ amount: 1, note: 'a' }, { to: { note: 'a', amount: 1 }, items: [{ note: 1, to: 2 }] });
const values = fc.oneof(leaves, fc.array(leaves, { maxLength: 3 }), fc.dictionary(names, leaves, { maxKeys: 3 }), objects, fc.array(objects, { maxLength: 2 }));
const numbers = fc.oneof(fc.integer({ min: -5, max: 200 }), fc.constantFrom(0.1, 1e20, 99.99));

const FOLLOWED: Readonly<Record<string, string>> = { 'identity.labels': 'identity.labels.team', 'grant.labels': 'grant.labels.env', 'tool.annotations': 'tool.annotations.readOnlyHint' };
const paths = fc.oneof(
  names.filter((name) => !name.includes('.')).map((name) => `args.${name}`),
  fc.constantFrom('args.items[0]', 'args.items[*]', 'args.items[*].amount', 'args.to.note', 'args.items[1].to[*]'),
  fc.constantFrom(...CONTEXT_ROOTS).map((root) => FOLLOWED[root] ?? root),
  names.chain((name) => fc.constantFrom({ pointer: `/${name}/0` }, { pointer: `/${name}` }, { pointer: '/a.b/c~1d' })),
);
const comparisons = fc.oneof(
  fc.tuple(fc.constantFrom('eq', 'neq', 'contains'), values),
  fc.tuple(fc.constantFrom('in', 'not_in'), fc.array(values, { maxLength: 3 })),
  fc.tuple(fc.constantFrom('lt', 'lte', 'gt', 'gte'), numbers),
  fc.tuple(fc.constant('exists'), fc.boolean()),
  fc.tuple(fc.constant('regex'), fc.constantFrom('^a', 'min$', '(a|b)*', '')),
  fc.tuple(fc.constantFrom('starts_with', 'ends_with'), fc.constantFrom('a', 'min', '')),
  fc.tuple(fc.constantFrom('length_gt', 'length_lt'), fc.integer({ min: 0, max: 4 })),
  fc.tuple(fc.constantFrom('host_in', 'host_not_in'), fc.constantFrom(['example.org'], ['api.example.org', '10.0.0.1'], [])),
  fc.tuple(fc.constant('matches_schema'), fc.constantFrom({ type: 'number', maximum: 100 }, { type: ['string', 'array'], maxItems: 2, items: { type: 'integer' } }, true)),
);

const expressions = fc.constantFrom('args.amount > 100.0', 'has(args.note) && args.note == "a"', 'args.items.all(i, i != 5.0)', 'tool.name.startsWith("l")', 'identity.name.matches("^ci")');

/** A condition as a document writes it, groups and expressions included. */
export const arbitraryCondition: fc.Arbitrary<object> = fc.letrec<{ condition: object; group: object }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 8, arbitrary: fc.tuple(paths, comparisons).map(([path, [op, value]]) => ({ path, op, value })) },
    { weight: 1, arbitrary: expressions.map((cel) => ({ cel })) },
    { weight: 2, arbitrary: tie('group') },
  ),
  group: fc.oneof(
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    tie('condition').map((not) => ({ not })),
  ),
})).condition;

/** An element of `require` or `deny_if`. */
export const arbitraryElement = fc.record(
  { conditions: fc.array(arbitraryCondition, { maxLength: 3 }), on_deny: fc.constantFrom('No.', 'Not now.'), on_missing: fc.constant('deny') },
  { requiredKeys: ['conditions'] },
);

/** Every window, scope and setting that a limit may have; each of its own counter, since one counter has one. */
export const LIMIT_SETTINGS: readonly object[] = [
  { window: 'minute', scope: 'grant' },
  { window: 'hour', scope: 'session', count: 'success' },
  { window: 'day', increment_from: 'args.amount', class: 'soft' },
  { window: 45, scope: 'identity', algorithm: 'sliding' },
  { window: 'minute', scope: 'argument:args.note', algorithm: 'sliding', increment_from: 'args.amount', count: 'success' },
  { window: 'month', scope: 'argument:args.to', on_exceed: 'require_approval' },
  { window: 'month', scope: 'server', increment_from: 'args.items[0].amount' },
  { window: 'concurrent', scope: 'organisation' },
  { window: 'concurrent', scope: 'argument:args.note', class: 'soft', on_deny: 'One at a time.' },
];
const limits = fc.nat(LIMIT_SETTINGS.length - 1).map((index) => ({ counter: `counter-${index}`, max: 10 * index + 0.5, ...LIMIT_SETTINGS[index] }));

const approvals = fc.record(
  {
    if: fc.array(arbitraryCondition, { maxLength: 2 }),
    approvers: fc.constantFrom([], ['role:security', 'member:ada@example.org']),
    quorum: fc.integer({ min: 1, max: 3 }),
    expires_in: fc.constantFrom('10m', '1h', 90),
    hold: fc.constantFrom('0s', '20s'),
    message: fc.constant('Ask.'),
  },
  { requiredKeys: [] },
);
const answerPaths = fc.constantFrom<(string | object)[]>('structuredContent.ssn', 'content[*].text', 'content[0].text', '_meta.note', { pointer: '/content/0/text' }, { pointer: '/structuredContent/ssn' });
const answerConditions = fc.oneof(
  fc.tuple(answerPaths, comparisons).map(([path, [op, value]]) => ({ path, op, value })),
  fc.constant({ path: 'isError', op: 'eq', value: true }),
  fc.constant({ any: [{ path: 'content[*].text', op: 'contains', value: 'a' }, { path: 'args.note', op: 'exists', value: true }] }),
  arbitraryCondition,
);
/** An element of `deny_if` of `response`. */
export const arbitraryAnswerDenial = fc.record(
  { conditions: fc.array(answerConditions, { maxLength: 2 }), on_deny: fc.constant('Not that.'), on_missing: fc.constant('deny') },
  { requiredKeys: ['conditions'] },
);
const redactions = fc.oneof(
  fc.record({ detector: fc.constantFrom(...DETECTORS), action: fc.constantFrom(...REDACT_ACTIONS) }),
  fc.record({ path: answerPaths, action: fc.constantFrom(...REDACT_ACTIONS) }),
);
const responses = fc.record(
  { redact: fc.array(redactions, { maxLength: 3 }), max_bytes: fc.integer({ min: 1, max: 1_000 }), deny_if: fc.array(arbitraryAnswerDenial, { maxLength: 2 }) },
  { requiredKeys: [] },
);

/** A rule. */
export const arbitraryRule: fc.Arbitrary<GeneratedRule> = fc.record(
  {
    require: fc.array(arbitraryElement, { maxLength: 2 }),
    deny_if: fc.array(arbitraryElement, { maxLength: 2 }),
    limits: fc.array(limits, { maxLength: 2 }),
    action: fc.constantFrom('allow', 'allow', 'allow', 'deny', 'require_approval'),
    reason: fc.constantFrom('Because.', 'Ask first.'),
    rate_limit: fc.constant({ max: 5, window: 60 }),
    approval: approvals,
    response: responses,
    record: fc.constantFrom('digest', 'excerpt', 'full'),
  },
  { requiredKeys: [] },
).map(saidOnce);

/** A rule does not ask for an approval in two ways. */
function saidOnce(rule: GeneratedRule): GeneratedRule {
  const { approval, ...rest } = rule;
  return rule.action === 'require_approval' || approval === undefined ? rest : rule;
}

/** A class of tools. */
export const arbitraryMatch = fc
  .record(
    {
      category: fc.constantFrom(['Read'], ['Write', 'Destructive']),
      risk: fc.constantFrom(['Low'], ['High', 'Critical']),
      name: fc.constantFrom(['*'], ['create_*'], ['list', 'toString']),
      annotations: fc.constantFrom<object[]>({ readOnlyHint: true }, { readOnlyHint: false, destructiveHint: true }),
    },
    { requiredKeys: [] },
  )
  .map((match) => (Object.keys(match).length === 0 ? { name: ['*'] } : match));
const flows = fc.record(
  {
    after: arbitraryMatch.map((match) => ({ ...match, server: ['billing'], marks: 'm' })),
    deny: fc.oneof(arbitraryMatch, fc.constant({ server: ['billing', 'other'] })),
    within: fc.constantFrom('session', '30m', 60),
    unless: fc.constant('approval'),
  },
  { requiredKeys: ['after', 'deny'] },
);

/** A whole document that `parsePolicy` accepts. */
export const arbitraryDocument: fc.Arbitrary<GeneratedDocument> = fc.record(
  {
    version: fc.constant('1'),
    default: fc.constantFrom('allow', 'deny'),
    description: fc.string({ maxLength: 20, unit: 'grapheme' }),
    mode: fc.constantFrom('enforce', 'shadow'),
    hide: fc.array(fc.constantFrom('delete_account', 'delete_*', '*', 'l*t'), { maxLength: 1 }),
    all_tools: arbitraryRule,
    timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu'),
    select: fc.array(fc.tuple(arbitraryMatch, fc.boolean(), arbitraryRule).map(([match, allow, rule]) => ({ ...rule, match, allow })), { maxLength: 2 }),
    tools: fc.dictionary(tools, arbitraryRule, { maxKeys: 3 }),
    flows: fc.array(flows, { maxLength: 2 }),
  },
  { requiredKeys: ['version', 'default'] },
);

const labels: fc.Arbitrary<ToolLabels | undefined> = fc.constantFrom<(ToolLabels | undefined)[]>(
  undefined,
  { category: 'Read', risk: 'Low', annotations: { readOnlyHint: true } },
  { category: 'Write', risk: null, annotations: {} },
  { category: 'Destructive', risk: 'Critical', annotations: { readOnlyHint: false } },
);

const TEAMS: fc.Arbitrary<Readonly<Record<string, string>>> = fc.constantFrom<Readonly<Record<string, string>>[]>({}, { team: 'a' }, { team: 'admin', env: '100' });
const facts = fc.record({
  atMs: fc.constantFrom(1_760_000_000_000, 1_760_000_040_000, 0, -1, 1_774_745_999_999, Number.NaN, 1e300).map((atMs) => branded<EpochMs>(atMs)),
  grant: TEAMS.map((labels) => ({ id: 'grant-1', labels })),
  identity: fc.tuple(TEAMS, fc.constantFrom(undefined, [], ['admin', 'a'])).map(([labels, groups]) => ({ id: 'identity-1', kind: 'agent', name: 'admin', labels, groups })),
  server: fc.constantFrom('billing', 'other').map((slug) => ({ slug })),
  session: fc.constantFrom(undefined, 0, 100).map((calls) => ({ id: 'session-1', calls })),
  client: fc.constantFrom('a', null).map((name) => ({ name })),
});

/** A call, its arguments read as the edge reads them: facts of every kind, marks of flows included. */
export const arbitraryCall: fc.Arbitrary<ToolCall> = fc
  .tuple(tools, fc.dictionary(names, values, { maxKeys: 4 }), labels, fc.constantFrom<(readonly string[])[]>([], ['m'], ['other']), facts)
  .map(([tool, args, toolLabels, marks, about]) => {
    const read = readJson(JSON.stringify(args));
    return aToolCall({ ...about, tool, args: read.ok ? (read.value as ToolCall['args']) : {}, labels: toolLabels, marks });
  });
