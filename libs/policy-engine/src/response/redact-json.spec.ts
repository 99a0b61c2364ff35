import { describe, expect, it } from 'vitest';

import { aResponseFilter } from '../testing/a-response-filter.js';
import { encodeBase64 } from './base64.js';
import { redactMessage } from './redact-message.js';

const hash = (value: string) => `h${value.length}`;
const emails = [{ detector: 'email', action: 'mask' }];
const mask = (...paths: readonly unknown[]) => paths.map((path) => ({ path, action: 'mask' }));
const remove = (...paths: readonly unknown[]) => paths.map((path) => ({ path, action: 'remove' }));
const hashed = (...paths: readonly unknown[]) => paths.map((path) => ({ path, action: 'hash' }));
const pointer = (text: string) => ({ pointer: text });
const base64 = (text: string) => encodeBase64(new TextEncoder().encode(text));

/** The text of a message, and what is told of it as `pointer action rule`. */
function redacted(redact: readonly object[], message: string): readonly [string | undefined, ...string[]] {
  const outcome = redactMessage(message, aResponseFilter({ redact }).redactions, hash);
  if (outcome === undefined) throw new Error('this message is refused');
  expect(outcome.removedCount).toBe(outcome.removed.length);
  return [outcome.message, ...outcome.removed.map((each) => `${each.action} ${each.pointer} by ${each.ruleId.replace('/tools/t/response/redact/', '')}`)];
}

const inResult = (member: string) => `{"result":{"structuredContent":${member}}}`;
const at = (path: string) => `/result/structuredContent${path}`;

describe('a path that is taken out', () => {
  it.each([
    ['structuredContent.a', '{"a":1}', '{}', ['/a']],
    ['structuredContent.a', '{"a":1,"b":2}', '{"b":2}', ['/a']],
    ['structuredContent.a', '{ "a" : 1 , "b":2}', '{  "b":2}', ['/a']],
    ['structuredContent.a', '{"b":{},"a":[1,{"a":2}] , "c":3}', '{"b":{} , "c":3}', ['/a']],
    ['structuredContent.a', '{"b":[],"a":"x"}', '{"b":[]}', ['/a']],
    ['structuredContent.a', '{"b":{"a":1}}', undefined, []],
    ['structuredContent.l[*]', '{"l":[1,2,3]}', '{"l":[]}', ['/l/0', '/l/1', '/l/2']],
    ['structuredContent.l[*]', '{"l":[1]}', '{"l":[]}', ['/l/0']],
    ['structuredContent.l[*]', '{"l":[]}', undefined, []],
    ['structuredContent.l[1]', '{"l":[1,2,3]}', '{"l":[1,3]}', ['/l/1']],
    ['structuredContent.l[*].a', '{"l":[{"a":1,"b":2},{"b":3},4]}', '{"l":[{"b":2},{"b":3},4]}', ['/l/0/a']],
    [pointer('/structuredContent/a'), '{"a":1,"b":2}', '{"b":2}', ['/a']],
    [pointer('/structuredContent/l/1'), '{"l":[1,2,3]}', '{"l":[1,3]}', ['/l/1']],
    [pointer('/structuredContent/l/01'), '{"l":[1,2,3]}', undefined, []],
    [pointer('/structuredContent/l/1'), '{"l":{"1":1,"2":2}}', '{"l":{"2":2}}', ['/l/1']],
    [pointer('/structuredContent/l/-'), '{"l":[1]}', undefined, []],
  ])('%j of %s', (path, from, to, pointers) => {
    expect(redacted(remove(path), inResult(from))).toEqual([to === undefined ? undefined : inResult(to), ...pointers.map((each) => `remove ${at(each)} by 0`)]);
  });

  it('takes with it what else is found in it, its name included', () => {
    const redact = [...remove(pointer('/structuredContent/a@b.org')), ...emails];
    expect(redacted(redact, inResult('{"a@b.org":1,"c":2}'))).toEqual([inResult('{"c":2}'), `mask ${at('/*@*.***')} by 1`, `remove ${at('/*@*.***')} by 0`]);
    expect(redacted(redact, inResult('{"c":2,"a@b.org":"d@e.org"}'))).toEqual([inResult('{"c":2}'), `mask ${at('/*@*.***')} by 1`, `remove ${at('/*@*.***')} by 0`]);
  });
});

describe('a path that is masked', () => {
  it.each([
    ['"Ada L."', '"*** *."'],
    ['-12.50e1', '"-**.****"'],
    ['true', '"****"'],
    ['false', '"****"'],
    ['"null"', '"****"'],
    ['"true"', '"****"'],
    ['"f"', '"*"'],
    ['"\\u0041\\n"', '"*\\n"'],
    ['{"k":["a",{"l":1}]}', '{"k":["*",{"l":"*"}]}'],
  ])('%s becomes %s', (from, to) => {
    expect(redacted(mask('structuredContent.a'), inResult(`{"a":${from}}`))).toEqual([inResult(`{"a":${to}}`), `mask ${at('/a')} by 0`]);
  });

  it.each(['null', '{}', '[]', '[null,{"a":null}]'])('%s shows nothing and stays, but is told', (value) => {
    expect(redacted(mask('structuredContent.a'), inResult(`{"a":${value}}`))).toEqual([undefined, `mask ${at('/a')} by 0`]);
  });

  it.each(['type', 'mimeType', 'data', 'blob'])('may be a text named %s', (name) => {
    expect(redacted(mask(`structuredContent.${name}`), inResult(`{"${name}":"Ada 1"}`))).toEqual([inResult(`{"${name}":"*** *"}`), `mask ${at(`/${name}`)} by 0`]);
  });
});

describe('a path that is hashed', () => {
  it.each([
    ['"Ada"', '"[path:h3]"'],
    ['"\\u0041"', '"[path:h1]"'],
    ['12.50', '"[path:h5]"'],
    ['{"k": [1]}', '"[path:h10]"'],
    ['[1]', '"[path:h3]"'],
    ['null', '"[path:h4]"'],
  ])('%s becomes %s', (from, to) => {
    expect(redacted(hashed('structuredContent.a'), inResult(`{"a":${from}}`))).toEqual([inResult(`{"a":${to}}`), `hash ${at('/a')} by 0`]);
  });
});

describe('a value named by several paths', () => {
  it('is taken out where one asks that, else goes by the first', () => {
    expect(redacted([...mask('structuredContent.a'), ...remove('structuredContent.a')], inResult('{"a":1}'))).toEqual([inResult('{}'), `remove ${at('/a')} by 1`]);
    expect(redacted([...remove('structuredContent.a'), ...mask('structuredContent.a')], inResult('{"a":1}'))).toEqual([inResult('{}'), `remove ${at('/a')} by 0`]);
    expect(redacted([...mask('structuredContent.a'), ...hashed('structuredContent.a')], inResult('{"a":1}'))).toEqual([inResult('{"a":"*"}'), `mask ${at('/a')} by 0`]);
    expect(redacted([...hashed('structuredContent.a'), ...mask('structuredContent.a')], inResult('{"a":1}'))).toEqual([inResult('{"a":"[path:h1]"}'), `hash ${at('/a')} by 0`]);
  });
});

describe('what is found in a value', () => {
  it.each([
    ['a text', '{"a":"x a@b.org\\n"}', '{"a":"x *@*.***\\n"}', '/a'],
    ['a text in lists', '[[],{},["a@b.org"]]', '[[],{},["*@*.***"]]', '/2/0'],
    ['a name that comes again', '[{"a@b.org":1},{"a@b.org":2}]', '[{"*@*.***":1},{"*@*.***":2}]', '/0/*@*.***', '/1/*@*.***'],
    ['a text after a name with an escape', '{"\\u0061":"a@b.org"}', '{"\\u0061":"*@*.***"}', '/a'],
    ['a text in a text', '{"a":"{\\"b\\":[\\"a\\\\u0040b.org\\"]}"}', '{"a":"{\\"b\\":[\\"*@*.***\\"]}"}', '/a'],
    ['a member with the name of what is left as it is, further in', '{"requestState":"a@b.org"}', '{"requestState":"*@*.***"}', '/requestState'],
    ['such a member in a text', '{"a":"{\\"x\\":{\\"requestState\\":\\"a@b.org\\"}}"}', '{"a":"{\\"x\\":{\\"requestState\\":\\"*@*.***\\"}}"}', '/a'],
    ['a text beside values that are no texts', '{"type":5,"mimeType":[],"data":{},"blob":null,"a":"a@b.org"}', '{"type":5,"mimeType":[],"data":{},"blob":null,"a":"*@*.***"}', '/a'],
  ])('is replaced in %s', (_where, from, to, ...pointers) => {
    expect(redacted(emails, inResult(from))).toEqual([inResult(to), ...pointers.map((each) => `mask ${at(each)} by 0`)]);
  });

  it('is replaced in numbers of eight digits and more', () => {
    const cards = [{ detector: 'credit_card', action: 'mask' }];
    expect(redacted(cards, inResult('{"a":4111111111111111,"b":[1]}'))).toEqual([inResult('{"a":"************1111","b":[1]}'), `mask ${at('/a')} by 0`]);
    expect(redacted(cards, inResult('{"a":4111111111111112,"b":4111111111111111.0}'))).toEqual([undefined]);
    expect(redacted([{ detector: 'secret', action: 'mask' }], inResult('{"pwd":12345678,"password":1234567}'))).toEqual([inResult('{"pwd":"********","password":1234567}'), `mask ${at('/pwd')} by 0`]);
  });

  it.each(['"{\\"\\u0061\\":\\"b\\"}"', '"\\u0061"', '{"type":"\\u0061"}', '{"\\u0061":{}}', '"[1] \\"a\\\\u0040b.org\\""', '"{\\"a\\":\\"a\\\\u0040b.org\\""', '"\\"a\\\\u0040b.org\\""', '"[\\"a\\\\u0040b.org\\"] x"'])('leaves %s as it is written', (value) => {
    expect(redacted(emails, inResult(value))).toEqual([undefined]);
  });

  it('is read within texts within texts, three deep', () => {
    const nested = (depth: number, text: string): string => (depth === 0 ? text : nested(depth - 1, JSON.stringify({ a: text })));
    const escaped = '{"a":"a\\u0040b.org"}';
    expect(redacted(emails, inResult(JSON.stringify(nested(2, escaped))))).toEqual([inResult(JSON.stringify(nested(2, '{"a":"*@*.***"}'))), `mask ${at('')} by 0`]);
    expect(redacted(emails, inResult(JSON.stringify(nested(3, escaped))))).toEqual([undefined]);
  });

  it('is read within a text as deep as within a message', () => {
    const lists = (levels: number) => JSON.stringify(`${'['.repeat(levels)}"a\\u0040b.org"${']'.repeat(levels)}`);
    expect(redacted(emails, inResult(lists(64)))[1]).toBe(`mask ${at('')} by 0`);
    expect(redacted(emails, inResult(lists(65)))).toEqual([undefined]);
  });
});

describe('base64', () => {
  const media = (value: object) => inResult(JSON.stringify(value));

  it.each([
    [{ type: 'image', mimeType: 'image/svg+xml' }, 'data'],
    [{ type: 'audio', mimeType: 'application/xspf+xml' }, 'data'],
    [{ mimeType: 'text/plain' }, 'blob'],
    [{}, 'blob'],
  ])('of %j is read as text in %s', (said, name) => {
    expect(redacted(emails, media({ ...said, [name]: base64('to a@b.org') }))).toEqual([media({ ...said, [name]: base64('to *@*.***') }), `mask ${at(`/${name}`)} by 0`]);
    expect(redacted(emails, media({ ...said, [name]: base64('{"a":["a\\u0040b.org"]}') }))).toEqual([media({ ...said, [name]: base64('{"a":["*@*.***"]}') }), `mask ${at(`/${name}`)} by 0`]);
    expect(redacted(emails, media({ ...said, [name]: base64('hello') }))).toEqual([undefined]);
    expect(redacted(emails, media({ ...said, [name]: base64('{"a":1}') }))).toEqual([undefined]);
  });

  it.each([[{ type: 'text', mimeType: 'text/plain' }, 'data'], [{ mimeType: 'text/plain' }, 'data'], [{ type: 'image', mimeType: 'image/png' }, 'data'], [{ mimeType: 'image/png' }, 'blob']])('of %j is left in %s', (said, name) => {
    expect(redacted(emails, media({ ...said, [name]: base64('to a@b.org') }))).toEqual([undefined]);
  });

  it('is read though a path leads on from it, or masks what says its type', () => {
    expect(redacted([...mask('structuredContent.blob.x'), ...emails], media({ blob: base64('a@b.org') }))).toEqual([media({ blob: base64('*@*.***') }), `mask ${at('/blob')} by 1`]);
    expect(redacted([...mask('structuredContent.type'), ...emails], media({ type: 'image', data: 'a@b.org' }))).toEqual([media({ type: '*****', data: '*@*.***' }), `mask ${at('/type')} by 0`, `mask ${at('/data')} by 1`]);
  });
});

describe('a message', () => {
  it('is searched in its result, error and parameters, not where it names itself', () => {
    const message = (text: string) => `{"jsonrpc":"2.0","id":"a@b.org","method":["a@b.org",{"a":{}}],"result":"${text}","error":"${text}","params":"${text}"}`;
    expect(redacted(emails, message('a@b.org'))).toEqual([message('*@*.***'), 'mask /result by 0', 'mask /error by 0', 'mask /params by 0']);
  });

  it('keeps the request state of a result', () => {
    expect(redacted(emails, '{"result":{"requestState":"a@b.org","b":"a@b.org"}}')).toEqual(['{"result":{"requestState":"a@b.org","b":"*@*.***"}}', 'mask /result/b by 0']);
  });

  it('is reached by paths in its result alone', () => {
    expect(redacted(mask('structuredContent'), '{"params":{"structuredContent":"a"},"error":{"structuredContent":"a"}}')).toEqual([undefined]);
  });

  it.each([
    ['what is searched', (levels: number) => `{"result":${'['.repeat(levels)}1${']'.repeat(levels)}}`],
    ['objects that are searched', (levels: number) => `{"result":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`],
    ['lists that are passed', (levels: number) => `{"id":${'['.repeat(levels)}1${']'.repeat(levels)}}`],
    ['objects that are passed', (levels: number) => `{"id":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`],
    ['what is left as it is', (levels: number) => `{"result":{"requestState":${'['.repeat(levels - 1)}1${']'.repeat(levels - 1)}}}`],
    ['lists that are masked', (levels: number) => `{"result":{"structuredContent":${'['.repeat(levels - 1)}1${']'.repeat(levels - 1)}}}`],
    ['objects that are masked', (levels: number) => `{"result":{"structuredContent":${'{"a":'.repeat(levels - 1)}1${'}'.repeat(levels - 1)}}}`],
    ['what is hashed', (levels: number) => `{"result":{"_meta":${'['.repeat(levels - 1)}1${']'.repeat(levels - 1)}}}`],
  ])('nests 64 levels deep in %s', (_where, message) => {
    const plan = aResponseFilter({ redact: [...mask('structuredContent'), ...hashed('_meta')] }).redactions;
    expect(redactMessage(message(63), plan, hash)).toBeDefined();
    expect(redactMessage(message(64), plan, hash)).toBeUndefined();
  });

  it('tells of long names by their first 128 characters', () => {
    const told = (length: number) => redacted(emails, inResult(`{"${'k'.repeat(length)}":"a@b.org"}`))[1];
    expect(told(128)).toBe(`mask ${at(`/${'k'.repeat(128)}`)} by 0`);
    expect(told(129)).toBe(`mask ${at(`/${'k'.repeat(128)}…`)} by 0`);
  });
});
