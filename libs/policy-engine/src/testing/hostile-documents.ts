const document = (of: object): string => JSON.stringify({ version: '1', default: 'deny', ...of });
const rule = (of: object): string => document({ tools: { t: of } });
const conditions = (list: readonly object[]): string => rule({ require: [{ conditions: list }] });
const compare = (op: string, value: unknown): object => ({ path: 'args.a', op, value });
const nested = (levels: number): object => {
  let condition: object = compare('eq', 1);
  for (let level = 0; level < levels; level += 1) condition = { not: condition };
  return condition;
};
const doubling = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`d${index}`, { anyOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] }]));

/** A document that somebody wrote to do harm: its name, its text, and `code pointer` of what it is refused with first. */
export type HostileDocument = readonly [name: string, text: string, refusal: string | RegExp];

/** Documents that cost much to read for those who do not bound what they read. */
export const HOSTILE_DOCUMENTS: readonly HostileDocument[] = [
  ['10 MB of text', document({ description: 'x'.repeat(10_000_000) }), 'too_large '],
  ['10 MB of brackets', '['.repeat(10_000_000), 'too_large '],
  ['10,000 levels', '['.repeat(10_000), `too_deep ${'/0'.repeat(64)}`],
  ['65 levels of not', conditions([nested(65)]), /^too_deep /],
  ['100,000 conditions', `{"version":"1","default":"deny","tools":{"t":{"require":[{"conditions":[${'0,'.repeat(99_999)}0]}]}}}`, 'too_many /tools/t'],
  ['conditions hidden in groups', conditions([{ any: [{ all: Array.from({ length: 60 }, () => compare('eq', 1)) }, { not: { any: Array.from({ length: 60 }, () => compare('eq', 1)) } }] }]), 'too_many /tools/t'],
  ['a repeat of repeats', conditions([compare('regex', '((a{100}){100}){100}')]), 'bad_regex /tools/t/require/0/conditions/0/value'],
  ['many patterns', conditions(Array.from({ length: 100 }, (_, index) => compare('regex', `[a-z]{${500 + index}}`))), /^bad_regex /],
  ['a repeat as far as it goes', conditions([compare('regex', 'x{1000}'.repeat(30))]), 'bad_regex /tools/t/require/0/conditions/0/value'],
  ['a pattern in a schema', conditions([compare('matches_schema', { pattern: '(x{1000}){1000}' })]), 'bad_regex /tools/t/require/0/conditions/0/value/pattern'],
  ['a pattern in CEL', conditions([{ cel: 'args.a.matches("(x{1000}){1000}")' }]), 'bad_cel /tools/t/require/0/conditions/0/cel'],
  ['a schema that refers to itself', conditions([compare('matches_schema', { anyOf: [{ $ref: '#' }, { $ref: '#' }] })]), /^bad_schema .*\/anyOf\/0\/\$ref$/],
  ['schemas that refer to one another', conditions([compare('matches_schema', { $defs: { a: { not: { $ref: '#/$defs/b' } }, b: { items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' })]), /^bad_schema .*\/value\/.*\$ref$/],
  ['a schema that doubles forty times', conditions([compare('matches_schema', { $defs: { ...doubling, d40: true }, $ref: '#/$defs/d0' })]), 'bad_schema /tools/t/require/0/conditions/0/value'],
  ['a schema from elsewhere', conditions([compare('matches_schema', { $ref: 'http://169.254.169.254/' })]), 'bad_schema /tools/t/require/0/conditions/0/value/$ref'],
  ['macros in macros', conditions([{ cel: 'args.a.all(a, args.a.all(b, args.a.all(c, args.a.all(d, true))))' }]), 'bad_cel /tools/t/require/0/conditions/0/cel'],
  ['a list that doubles', conditions([{ cel: `args.a${'.map(x, [x, x])'.repeat(40)} == args.b` }]), 'bad_cel /tools/t/require/0/conditions/0/cel'],
  ['900 brackets of CEL', conditions([{ cel: '('.repeat(900) }]), 'bad_cel /tools/t/require/0/conditions/0/cel'],
  ['900 negations of CEL', conditions([{ cel: `${'!'.repeat(900)}args.a` }]), 'bad_cel /tools/t/require/0/conditions/0/cel'],
  ['much CEL', conditions(Array.from({ length: 100 }, (_, index) => ({ cel: `args.a == "${'x'.repeat(100)}${index}"` }))), /^bad_cel /],
  ['a tool written with other letters', document({ tools: { 'dеlete_account': {} } }), 'bad_name /tools/dеlete_account'],
  ['a class written with other letters', document({ select: [{ match: { name: ['ｄelete_*'] }, deny_if: [{ conditions: [] }] }] }), 'bad_name /select/0/match/name/0'],
  ['a flow written with other letters', document({ flows: [{ after: { name: ['rеad'], marks: 'm' }, deny: { name: ['pay'] } }] }), 'bad_name /flows/0/after/name/0'],
  ['a tool written in full width', document({ hide: ['ｄelete'] }), 'bad_name /hide/0'],
  ['a tool with a character that turns the text', document({ hide: ['delete\u202e'] }), 'bad_name /hide/0'],
  ['a decomposed name', document({ hide: ['cafe\u0301'] }), 'bad_name /hide/0'],
  ['20,000 tools', `{"version":"1","default":"deny","tools":{${Array.from({ length: 20_000 }, (_, index) => `"${index}":{}`).join()}}}`, 'too_many /tools'],
  ['80,000 classes', `{"version":"1","default":"deny","select":[${'{},'.repeat(80_000)}{}]}`, 'too_many /select'],
  ['flows without end', document({ flows: Array.from({ length: 101 }, () => ({})) }), 'too_many /flows'],
];

/** Texts of the older YAML form that cost much to read. */
export const HOSTILE_IMPORTS: readonly (readonly [name: string, text: string])[] = [
  ['200,000 brackets', '['.repeat(200_000)],
  ['100,000 lists in lists', '- '.repeat(100_000)],
  ['2,400 anchors', Array.from({ length: 2_400 }, (_, at) => `- &a${at} 1\n- *a${at}`).join('\n')],
  ['99 anchors and 1,000 keys', `${Array.from({ length: 99 }, (_, at) => `a${at}: &a${at} 1`).join('\n')}\n${Array.from({ length: 1_000 }, (_, at) => `k${at}: v`).join('\n')}`],
  ['1,190 small values', '- 1\n'.repeat(1_190)],
  ['16,000 small values', '- 1\n'.repeat(16_000)],
  ['4,900 small values', '- 1\n'.repeat(4_900)],
  ['300,000 characters', `a: ${'x'.repeat(300_000)}`],
  ['an anchor in itself', 'a: &a [*a]\nversion: "1"'],
  [
    'a billion laughs',
    'a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d]',
  ],
];
