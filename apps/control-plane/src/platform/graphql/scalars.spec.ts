import { parseValue } from 'graphql';
import { describe, expect, it } from 'vitest';

import { asOfScalar, dateTimeScalar, durationScalar, jsonScalar } from './scalars.js';

describe('DateTime', () => {
  it('reads any offset and gives UTC with milliseconds', () => {
    expect(dateTimeScalar.parseValue('2026-11-21T10:30:00+01:00')).toBe('2026-11-21T09:30:00.000Z');
    expect(dateTimeScalar.serialize(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  });

  it('refuses what is no instant', () => {
    for (const text of ['', 'now', '2026-11-21', '2026-13-01T00:00:00Z', '2026-11-21T09:30:00', 1]) expect(() => dateTimeScalar.parseValue(text)).toThrow(/RFC 3339/);
  });
});

describe('Duration', () => {
  it('is milliseconds inside', () => {
    expect(durationScalar.parseLiteral(parseValue('"PT1M"'))).toBe(60_000);
    expect(durationScalar.serialize(90 * 86_400_000)).toBe('P90D');
    expect(() => durationScalar.parseValue('60')).toThrow(/ISO 8601/);
  });
});

describe('AsOf', () => {
  it('is a revision or a time', () => {
    expect(asOfScalar.parseValue('12')).toEqual({ revision: 12 });
    expect(asOfScalar.parseLiteral(parseValue('12'))).toEqual({ revision: 12 });
    expect(asOfScalar.parseValue('1970-01-01T00:00:01Z')).toEqual({ at: 1000 });
    for (const text of ['yesterday', '-1', '1.5', '']) expect(() => asOfScalar.parseValue(text)).toThrow();
  });
});

describe('JSON', () => {
  const nested = (depth: number) => JSON.parse('[' .repeat(depth) + ']'.repeat(depth)) as unknown;

  it('carries any value', () => {
    expect(jsonScalar.parseValue({ a: [1, 'x', null, { b: true }] })).toEqual({ a: [1, 'x', null, { b: true }] });
    expect(jsonScalar.parseLiteral(parseValue('{ a: [1, "x", null, { b: true }] }'))).toEqual({ a: [1, 'x', null, { b: true }] });
  });

  it('refuses keys that reach prototypes, in variables and in literals, at any depth', () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      expect(() => jsonScalar.parseValue(JSON.parse(`{"a":[{"${key}":{"admin":true}}]}`)), key).toThrow(key);
      expect(() => jsonScalar.parseLiteral(parseValue(`{ a: [{ ${key}: { admin: true } }] }`)), key).toThrow(key);
    }
    expect(Reflect.get({}, 'admin')).toBeUndefined();
  });

  it('refuses nesting deeper than 32', () => {
    expect(jsonScalar.parseValue(nested(32))).toBeDefined();
    expect(() => jsonScalar.parseValue(nested(33))).toThrow(/32 levels/);
    expect(() => jsonScalar.parseLiteral(parseValue('['.repeat(33) + ']'.repeat(33)))).toThrow(/32 levels/);
  });
});
