import { describe, expect, it } from 'vitest';

import { canonicalValue } from './canonical-value.js';
import { readJson } from './parse/read-json.js';

const canonical = (text: string): string => {
  const read = readJson(text);
  if (!read.ok) throw new Error(`this text of a test is not JSON: ${text}`);
  return canonicalValue(read.value);
};

describe('a canonical value', () => {
  it.each([
    ['1', '1.0'],
    ['[1,[2.50,"a"]]', '[1.00, [2.5, "a"]]'],
    ['{"a":1,"b":{"d":null,"c":[]}}', '{"b":{"c":[],"d":null},"a":1.0}'],
    ['12345678901234567890', '1.2345678901234567890e19'],
    ['-0', '0'],
  ])('of %s is that of %s', (one, other) => {
    expect(canonical(one)).toBe(canonical(other));
  });

  it('is another for each other value', () => {
    const values = ['0', '1', '"1"', 'null', '"null"', 'true', '"true"', 'false', '""', '[]', '{}', '[1]', '[[1]]', '[1,2]', '[12]', '[2,1]', '["1,2"]', '{"a":1}', '{"a":"1"}', '{"b":1}', '{"a":1,"b":2}', '{"a":2,"b":1}', '{"a":{"b":1}}', '{"a":null}', '[null]', '[1,0]', '[1000000000]', '[0,1]', '[10]', '12345678901234567890', '12345678901234567891'];
    expect(new Set(values.map(canonical)).size).toBe(values.length);
  });
});
