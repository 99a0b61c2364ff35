import { describe, expect, it } from 'vitest';

import { elementSpans, spanAt } from './json-span.js';
import { splice } from './splice.js';

const at = (text: string, path: string[]): string | undefined => {
  const bytes = Buffer.from(text);
  const span = spanAt(bytes, path);
  return span === undefined ? undefined : bytes.toString('utf8', span.start, span.end);
};

describe('spanAt', () => {
  it('finds values of every type at the top level and below, whatever the spacing', () => {
    expect(at('{"id":5}', ['id'])).toBe('5');
    expect(at('{ "a" : [ {"id":1} , "]}" ] , "id" : "x\\"y" }', ['id'])).toBe('"x\\"y"');
    expect(at('{"params":{"_meta":{"t":{"u":[1]}}}}', ['params', '_meta', 't'])).toBe('{"u":[1]}');
    expect(at('{"id":null,"b":true}', ['id'])).toBe('null');
    expect(at('{"ü":"é","id":1.50}', ['id'])).toBe('1.50');
  });

  it('ignores the same key elsewhere', () => {
    expect(at('{"result":{"id":1},"id":2}', ['id'])).toBe('2');
    expect(at('{"x":{"params":{"t":1}},"params":{"t":2}}', ['params', 't'])).toBe('2');
  });

  it('finds nothing when the key is missing, stands twice or is written with an escape', () => {
    expect(at('{}', ['id'])).toBeUndefined();
    expect(at('{"params":[1]}', ['params', 't'])).toBeUndefined();
    expect(at('{"id":1,"id":2}', ['id'])).toBeUndefined();
    expect(at('{"\\u0069d":1}', ['id'])).toBeUndefined();
    expect(at('{"\\u0069d":1,"id":2}', ['id'])).toBeUndefined();
  });

  it('tells the elements of an array apart, each as written', () => {
    const elements = (text: string): string[] => {
      const bytes = Buffer.from(text);
      return elementSpans(bytes, { start: 0, end: bytes.length }).map((span) => bytes.toString('utf8', span.start, span.end));
    };
    expect(elements('[ {"a":[1,2]} , "x,]" ,\n3.0]')).toEqual(['{"a":[1,2]}', '"x,]"', '3.0']);
    expect(elements('[]')).toEqual([]);
    expect(elements('[ ]')).toEqual([]);
    expect(elements('[[],[1]]')).toEqual(['[]', '[1]']);
  });

  it('lets values be replaced with every other byte kept', () => {
    const bytes = Buffer.from('{"big":9007199254740993, "id":5,"p":{"t":7}}');
    const id = spanAt(bytes, ['id']);
    const token = spanAt(bytes, ['p', 't']);
    if (id === undefined || token === undefined) throw new Error('not found');
    const changed = splice(bytes, [
      { span: token, text: '"tök"' },
      { span: id, text: '"a"' },
    ]);
    expect(changed.toString()).toBe('{"big":9007199254740993, "id":"a","p":{"t":"tök"}}');
  });
});
