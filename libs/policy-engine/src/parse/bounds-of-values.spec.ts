import { ExactNumber, type JsonValue } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { FindingList } from '../finding.js';
import { DocumentBudget } from './document-budget.js';
import { parseDuration, printDuration } from './parse-duration.js';
import { parsePolicy } from './parse-policy.js';
import { readJson } from './read-json.js';
import { badType, listOf, quotedList, textOf, trueOrFalse, wholeNumber } from './shape.js';

/** What a part comes to, or what is said of it. */
function parsed<Part>(parse: (place: { readonly findings: FindingList; readonly pointer: string }) => Part): readonly unknown[] {
  const findings = new FindingList('error');
  const part = parse({ findings, pointer: '/a' });
  return [part, ...findings.all().map(({ code, pointer, message }) => `${code} ${pointer} ${message}`)];
}

describe('a text that is no JSON', () => {
  const at = (line: number, column: number, what: string) => `Not valid JSON at line ${line}, column ${column}: ${what}.`;
  it.each([
    ['', at(1, 1, 'a value is missing here')],
    ['  ', at(1, 3, 'a value is missing here')],
    ['nul', at(1, 1, 'a value is missing here')],
    ['{} x', at(1, 4, 'there is something after the end of the document')],
    ['{"a":1}\n\n ,', at(3, 2, 'there is something after the end of the document')],
    ['{a:1}', at(1, 2, 'a key in double quotes is missing here')],
    ['{"a":1,}', at(1, 8, 'a key in double quotes is missing here')],
    ['{"a" 1}', at(1, 6, 'a colon is missing after the key')],
    ['{"a":1 "b":2}', at(1, 8, 'a comma or } is missing here')],
    ['{"a":1', at(1, 7, 'a comma or } is missing here')],
    ['[1 2]', at(1, 4, 'a comma or ] is missing here')],
    ['[1', at(1, 3, 'a comma or ] is missing here')],
    ['"a', at(1, 1, 'a text is not closed')],
    ['["a\\"', at(1, 2, 'a text is not closed')],
    ['"\\x"', at(1, 1, 'a text holds a bad escape or a control character')],
    ['"a\tb"', at(1, 1, 'a text holds a bad escape or a control character')],
    ['{"a\u0000":1}', at(1, 2, 'a text holds a bad escape or a control character')],
    ['"\\ud800"', at(1, 1, 'a text holds half of a surrogate pair')],
    ['"\ud800"', at(1, 1, 'a text holds half of a surrogate pair')],
    ['{"a":1,"a":1}', 'This key stands twice in its object.'],
  ])('%j is refused where it ends to be', (text, message) => {
    const read = readJson(text);
    expect(read.ok ? [] : read.refusal.map((finding) => finding.message)).toEqual([message]);
  });

  it.each([
    [8, 'aaaaaa', 'aaaaaaa'], [8, '\u007f\u007f\u007f\u007f\u007f\u007f', '\u007f\u007f\u007f\u007f\u007f\u007f\u007f'], [8, '\u0080\u0080\u0080', '\u0080\u0080\u0080a'], [8, '\u07ff\u07ff\u07ff', '\u07ff\u07ff\u07ffa'], [8, '\u0800\u0800', '\u0800\u0800a'], [8, '\uffff\uffff', '\uffff\uffffa'], [8, '\ue000\ue000', '\ue000\ue000a'], [8, '\ud7ff\ud7ff', '\ud7ff\ud7ffa'], [8, '\u{10000}aa', '\u{10000}aaa'], [8, '\u{10ffff}aa', '\u{10ffff}aaa'],
  ])('of %i bytes: %j is not too large, %j is', (bytes, fits, exceeds) => {
    expect(readJson(`"${fits}"`, bytes)).toEqual({ ok: true, value: fits });
    expect(readJson(`"${exceeds}"`, bytes).ok).toBe(false);
  });

  it('is told its bound in KiB', () => {
    const said = (text: string, bytes?: number) => {
      const read = readJson(text, bytes);
      return read.ok ? [] : read.refusal.map(({ code, message }) => `${code}: ${message}`);
    };
    expect([said('x'.repeat(262_145)), said('12345', 4_096 / 1_024)]).toEqual([['too_large: The document is larger than 256 KiB.'], ['too_large: The document is larger than 0 KiB.']]);
    expect(said('x'.repeat(4_097), 4_096)).toEqual(['too_large: The document is larger than 4 KiB.']);
  });

  it.each<[string, number | ExactNumber]>([
    ['0', 0], ['-0.0', -0], ['1e-9', 1e-9], ['1e99', 1e99], ['1e309', new ExactNumber('1e309')], ['-1e309', new ExactNumber('-1e309')], ['9e-291', new ExactNumber('9e-291')], ['1.0e-290', 1e-290], ['0.00e-400', 0], ['0e-999', 0], ['1e-999', new ExactNumber('1e-999')], ['123456789012345', 123456789012345], ['1234567890123456', new ExactNumber('1234567890123456')],
    ['0.00123456789012345', 0.00123456789012345], ['0.001234567890123456', new ExactNumber('0.001234567890123456')], ['-123456789.012345', -123456789.012345], ['-123456789.0123456', new ExactNumber('-123456789.0123456')], ['12345678901234.5e10', 12345678901234.5e10], ['100000000000000000000', new ExactNumber('100000000000000000000')], ['12345', 12345], ['1234', 1234],
  ])('reads %s as exactly as it is', (text, value) => {
    expect(readJson(text)).toEqual({ ok: true, value });
  });

  it('is none with any white space', () => {
    expect(readJson(' \t\r\n[\t1\r,\n2 ] \r\t\n')).toEqual({ ok: true, value: [1, 2] });
    expect(['\u00a0[]', '\f[]', '\u2028[]'].map((text) => readJson(text).ok)).toEqual([false, false, false]);
  });
});

describe('a time', () => {
  const refused = (range: string) => `bad_value /a A time is written "20s", "10m", "1h" or "7d", and is ${range} seconds here.`;
  const notATime = (what: string) => `bad_type /a This must be a time such as "10m", but it is ${what}.`;
  it.each<[JsonValue | undefined, readonly unknown[]]>([
    [undefined, [undefined]],
    ['20s', [20]], ['10m', [600]], ['1h', [3_600]], ['1d', [86_400]], [5, [5]], [1, [1]], [86_400, [86_400]], ['0s', [undefined, refused('1 to 86400')]],
    [0, [undefined, refused('1 to 86400')]], [86_401, [undefined, refused('1 to 86400')]], ['2d', [undefined, refused('1 to 86400')]], [1.5, [undefined, refused('1 to 86400')]], [new ExactNumber('1.0000000000000000'), [undefined, refused('1 to 86400')]],
    ['', [undefined, refused('1 to 86400')]], ['5', [undefined, refused('1 to 86400')]], ['05s', [undefined, refused('1 to 86400')]], ['5 s', [undefined, refused('1 to 86400')]], ['5S', [undefined, refused('1 to 86400')]], ['5w', [undefined, refused('1 to 86400')]], ['-5s', [undefined, refused('1 to 86400')]], ['x5s', [undefined, refused('1 to 86400')]], ['5sx', [undefined, refused('1 to 86400')]],
    [null, [undefined, notATime('null')]], [true, [undefined, notATime('true or false')]], [[], [undefined, notATime('a list')]],
  ])('%j', (value, wanted) => {
    expect(parsed((place) => parseDuration(value, place, { least: 1, most: 86_400 }))).toEqual(wanted);
  });

  it('is printed so that it is read back', () => {
    expect(printDuration(90)).toBe('90s');
    expect(parsed((place) => parseDuration(printDuration(90), place, { least: 0, most: 90 }))).toEqual([90]);
  });
});

describe('what patterns and expressions may cost together', () => {
  const tooMany = 'The patterns of this policy are too many or too large together; use fewer or simpler ones.';

  it('is 8,000 units of patterns, each at least 24 and its length, once', () => {
    const budget = new DocumentBudget();
    const said = (count: number) => Array.from({ length: count }, (_, index) => budget.refusalOfPattern(`${'x'.repeat(97)}${String(100 + index)}`));
    expect(said(80)).toEqual(Array.from({ length: 80 }, () => undefined));
    expect(budget.refusalOfPattern(`${'x'.repeat(97)}100`)).toBeUndefined();
    expect([budget.refusalOfPattern('a'), budget.refusalOfPattern('b'), budget.refusalOfPattern('(')]).toEqual([tooMany, undefined, undefined]);
  });

  it('is at most 256 units for a pattern that is too long anyway', () => {
    const budget = new DocumentBudget();
    expect([...Array(31).keys()].map((index) => budget.refusalOfPattern(`${index}${'x'.repeat(10_000)}`))).toEqual(Array.from({ length: 31 }, () => 'A pattern has at most 256 characters.'));
    expect(budget.refusalOfPattern('(aaa){20}')).toBeUndefined();
    expect(budget.refusalOfPattern('z')).toBe(tooMany);
  });

  it('counts small patterns as 24', () => {
    const budget = new DocumentBudget();
    const said = [...Array(334).keys()].map((index) => budget.refusalOfPattern(`p${index}`));
    expect([said.slice(0, 333).every((each) => each === undefined), said[333]]).toEqual([true, tooMany]);
  });

  it('is 5,000 characters of CEL, each expression once', () => {
    const budget = new DocumentBudget();
    const long = `${'1 == 1 && '.repeat(10)}true`;
    expect(budget.refusalOfCel(long)).toBeUndefined();
    expect(budget.refusalOfCel(long)).toBeUndefined();
    const rest = `"${'x'.repeat(5_000 - long.length - 8)}" != ""`;
    expect(rest.length).toBe(5_000 - long.length);
    expect(budget.refusalOfCel(rest)).toBeUndefined();
    expect(budget.refusalOfCel('1')).toBe('The CEL expressions of this policy have more than 5000 characters together; use conditions for some of them.');
    expect([budget.refusalOfCel('true'), budget.refusalOfCel(long), budget.refusalOfCel('(')]).toEqual([undefined, undefined, undefined]);
  });

  it('is refused again of the same expression, its patterns counted', () => {
    const budget = new DocumentBudget();
    const [first, again] = [budget.refusalOfCel('args.a.matches("(")'), budget.refusalOfCel('args.a.matches("(")')];
    expect(first).toContain('linear-time dialect');
    expect(again).toBe(first);
  });
});

describe('the shape of a value', () => {
  it.each<[JsonValue, string]>([
    [null, 'null'], [[], 'a list'], [{}, 'an object'], [5, 'a number'], [new ExactNumber('1e400'), 'a number'], ['x', 'a text'], [true, 'true or false'],
  ])('%j is called %s', (value, name) => {
    expect(parsed((place) => badType(place, 'something else', value))).toEqual([undefined, `bad_type /a This must be something else, but it is ${name}.`]);
  });

  it('is bounded on both sides', () => {
    expect([parsed((place) => textOf('ab', place, 2)), parsed((place) => textOf('abc', place, 2)), parsed((place) => textOf('', place, 2)), parsed((place) => textOf(undefined, place, 2))]).toEqual([['ab'], [undefined, 'bad_value /a This text has 3 characters; 1 to 2 are allowed.'], [undefined, 'bad_value /a This text has 0 characters; 1 to 2 are allowed.'], [undefined]]);
    expect([parsed((place) => listOf([1, 2], place, 2)), parsed((place) => listOf([1, 2, 3], place, 2)), parsed((place) => listOf(undefined, place, 2)), parsed((place) => listOf('x', place, 2))]).toEqual([[[1, 2]], [[], 'too_many /a This list has 3 elements; at most 2 are allowed.'], [[]], [[], 'bad_type /a This must be a list, but it is a text.']]);
    const range = { least: 1, most: 3 };
    const refusal = 'bad_value /a This must be a whole number from 1 to 3.';
    expect([0, 1, 3, 4, 1.5, '2', null].map((value) => parsed((place) => wholeNumber(value, place, range)))).toEqual([[undefined, refusal], [1], [3], [undefined, refusal], [undefined, refusal], [undefined, refusal], [undefined, refusal]]);
    expect([true, false, undefined, 0].map((value) => parsed((place) => trueOrFalse(value, place)))).toEqual([[true], [false], [undefined], [undefined, 'bad_type /a This must be true or false, but it is a number.']]);
  });

  it('is named in lists as one writes them', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(quotedList)).toEqual(['', '"a"', '"a" or "b"', '"a", "b" or "c"']);
  });
});

describe('a document', () => {
  const times = <Part>(count: number, make: (index: number) => Part) => Array.from({ length: count }, (_, index) => make(index));
  const rule = (of: object) => ({ tools: { t: of } });
  const conditions = (count: number) => times(count, (index) => ({ path: `args.a${index}`, op: 'eq', value: index }));
  const flow = { after: { name: ['a'], marks: 'm' }, deny: { name: ['b'] } };
  const said = (document: object) => {
    const read = parsePolicy(JSON.stringify({ version: '1', default: 'deny', ...document }));
    return read.ok ? [] : read.refusal.map(({ code, pointer, message }) => `${code} ${pointer} ${message}`);
  };

  it.each<[string, number, (count: number) => object, string]>([
    ['redactions', 100, (count) => rule({ response: { redact: times(count, () => ({ detector: 'email', action: 'mask' })) } }), 'too_many /tools/t/response/redact This list has 101 elements; at most 100 are allowed.'],
    ['conditions of require and deny_if', 100, (count) => rule({ require: [{ conditions: conditions(60) }], deny_if: [{ conditions: conditions(count - 60) }] }), 'too_many /tools/t This rule has 101 conditions; at most 100 are allowed.'],
    ['conditions of approval and response', 100, (count) => rule({ approval: { if: conditions(60) }, response: { deny_if: [{ conditions: conditions(count - 60) }] } }), 'too_many /tools/t This rule has 101 conditions; at most 100 are allowed.'],
    ['conditions in groups, which count too', 100, (count) => rule({ require: [{ conditions: [{ any: conditions(count - 3) }, { not: { cel: 'true' } }] }] }), 'too_many /tools/t This rule has 101 conditions; at most 100 are allowed.'],
    ['elements', 100, (count) => rule({ deny_if: times(count, () => ({ conditions: [] })) }), 'too_many /tools/t/deny_if This list has 101 elements; at most 100 are allowed.'],
    ['limits', 100, (count) => rule({ limits: times(count, (index) => ({ counter: `c${index}`, window: 'day', max: 1 })) }), 'too_many /tools/t/limits This list has 101 elements; at most 100 are allowed.'],
    ['approvers', 50, (count) => rule({ approval: { approvers: times(count, () => 'role:x') } }), 'too_many /tools/t/approval/approvers This list has 51 elements; at most 50 are allowed.'],
    ['annotations', 20, (count) => ({ select: [{ match: { annotations: Object.fromEntries(times(count, (index) => [`h${index}`, true])) } }] }), 'bad_value /select/0/match/annotations This names 1 to 20 annotations.'],
    ['names of a class', 1_000, (count) => ({ select: [{ match: { name: times(count, (index) => `n${index}`) } }] }), 'too_many /select/0/match/name This list has 1001 elements; at most 1000 are allowed.'],
    ['classes', 1_000, (count) => ({ select: times(count, () => ({ match: { name: ['a'] } })) }), 'too_many /select This list has 1001 elements; at most 1000 are allowed.'],
    ['tools', 1_000, (count) => ({ tools: Object.fromEntries(times(count, (index) => [`n${index}`, {}])) }), 'too_many /tools This policy names 1001 tools; at most 1000 are allowed.'],
    ['flows', 100, (count) => ({ flows: times(count, () => flow) }), 'too_many /flows This list has 101 elements; at most 100 are allowed.'],
    ['hidden names', 1_000, (count) => ({ hide: times(count, (index) => `n${index}`) }), 'too_many /hide This list has 1001 elements; at most 1000 are allowed.'],
    ['characters of a mark', 64, (count) => ({ flows: [{ ...flow, after: { name: ['a'], marks: 'x'.repeat(count) } }] }), 'bad_value /flows/0/after/marks This text has 65 characters; 1 to 64 are allowed.'],
    ['characters of a reason', 2_000, (count) => rule({ action: 'deny', reason: 'x'.repeat(count) }), 'bad_value /tools/t/reason This text has 2001 characters; 1 to 2000 are allowed.'],
    ['characters of a counter', 128, (count) => rule({ limits: [{ counter: 'x'.repeat(count), window: 'day', max: 1 }] }), 'bad_value /tools/t/limits/0/counter This text has 129 characters; 1 to 128 are allowed.'],
    ['seconds of a window', 2_678_400, (count) => rule({ limits: [{ counter: 'c', window: count, max: 1 }] }), 'bad_window /tools/t/limits/0/window A window in seconds is a whole number from 1 to 2678400.'],
    ['bytes of an answer', 67_108_864, (count) => rule({ response: { max_bytes: count } }), 'bad_value /tools/t/response/max_bytes This must be a whole number from 1 to 67108864.'],
    ['people of a quorum', 10, (count) => rule({ approval: { quorum: count } }), 'bad_value /tools/t/approval/quorum This must be a whole number from 1 to 10.'],
    ['seconds a call waits', 600, (count) => rule({ approval: { hold: count } }), 'bad_value /tools/t/approval/hold A time is written "20s", "10m", "1h" or "7d", and is 0 to 600 seconds here.'],
    ['seconds a mark stays', 2_592_000, (count) => ({ flows: [{ ...flow, within: count }] }), 'bad_value /flows/0/within A time is written "20s", "10m", "1h" or "7d", and is 1 to 2592000 seconds here.'],
    ['characters of a path', 512, (count) => rule({ require: [{ conditions: [{ path: `args.${'a'.repeat(count - 5)}`, op: 'eq', value: 1 }] }] }), 'bad_path /tools/t/require/0/conditions/0/path A path has at most 512 characters.'],
    ['characters of a pointer', 512, (count) => rule({ require: [{ conditions: [{ path: { pointer: `/${'a'.repeat(count - 1)}` }, op: 'eq', value: 1 }] }] }), 'bad_value /tools/t/require/0/conditions/0/path This text has 513 characters; 1 to 512 are allowed.'],
    ['characters of a description', 10_000, (count) => ({ description: 'x'.repeat(count) }), 'bad_value /description This text has 10001 characters; 1 to 10000 are allowed.'],
    ['characters of a tool', 256, (count) => ({ tools: { ['x'.repeat(count)]: {} } }), `bad_value /tools/${'x'.repeat(257)} This text has 257 characters; 1 to 256 are allowed.`],
  ])('has so many %s at most: %i', (_what, most, document, refusal) => {
    expect([said(document(most)), said(document(most + 1))]).toEqual([[], [refusal]]);
  });
});
