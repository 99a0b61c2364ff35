import { ExactNumber, type JsonValue, parseDecimal } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { scanFrame } from './scan-frame.js';

/** JSON as the scan builds it, turned into what JSON.parse builds. */
function plain(value: JsonValue | undefined): unknown {
  if (value instanceof ExactNumber) return value.toDouble();
  if (Array.isArray(value)) return value.map((item: JsonValue) => plain(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

const key = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => !['__proto__', 'prototype'].includes(text) && !text.includes('\0'));
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
})).object;
const spacing = fc.constantFrom(undefined, 1, '\t', ' \r\n');

function argumentsOf(args: string) {
  return scanFrame(Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":${args}}}`));
}

/** Writes every character of the text's strings that may be escaped as an escape. */
function escapeStrings(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

describe('against JSON.parse', () => {
  it('reads the same values from generated JSON, however it is spaced and escaped', () => {
    fc.assert(
      fc.property(json, spacing, fc.boolean(), (value, space, escaped) => {
        const text = JSON.stringify(value, null, space);
        const scanned = argumentsOf(escaped ? escapeStrings(text) : text);
        if (!scanned.ok) return expect(scanned.refusal.message).toBe('accepted');
        expect(plain(scanned.value.args)).toEqual(JSON.parse(text));
      }),
      { numRuns: 400 },
    );
  });

  it('accepts a damaged text only if JSON.parse does, and then reads the same', () => {
    const damage = fc.tuple(fc.nat(), fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', '0', '-', 'e', '.', ' ', '\u0001', 'u'));
    fc.assert(
      fc.property(json, damage, (value, [position, replacement]) => {
        const text = JSON.stringify(value);
        const at = position % text.length;
        const damaged = text.slice(0, at) + replacement + text.slice(at + 1);
        const scanned = argumentsOf(damaged);
        if (!scanned.ok || scanned.value.invalidParams !== null) return;
        expect(plain(scanned.value.args)).toEqual(JSON.parse(Buffer.from(damaged).toString()) ?? {});
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses what JSON.parse refuses and accepts what it accepts, for numbers', () => {
    const numberish = fc.string({ unit: fc.constantFrom(...'0123456789.eE+-'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(numberish, (text) => {
        const scanned = argumentsOf(`{"n":${text}}`);
        expect(scanned.ok).toBe(isFiniteJsonNumber(text));
        if (scanned.ok) expect(plain(scanned.value.args)).toEqual(JSON.parse(`{"n":${text}}`));
      }),
      { numRuns: 3_000 },
    );
  });

  it('gives a plain number only where it says exactly what was written', () => {
    const decimalText = fc
      .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.integer({ min: -320, max: 280 }))
      .map(([negative, whole, fraction, exponent]) => `${negative ? '-' : ''}${whole}.${fraction}e${exponent}`);
    fc.assert(
      fc.property(decimalText, (text) => {
        const scanned = argumentsOf(`{"n":${text}}`);
        if (!scanned.ok) return;
        const value = scanned.value.args['n'];
        if (typeof value === 'number') expect(parseDecimal(value)).toEqual(parseDecimal(text));
        else expect(value).toEqual(new ExactNumber(text));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('arbitrary bytes', () => {
  it('are accepted only as valid UTF-8, and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (noise) => {
        const body = Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"m","x":"'), noise, Buffer.from('"}')]);
        const scanned = scanFrame(body);
        if (scanned.ok) expect(() => new TextDecoder('utf-8', { fatal: true }).decode(body)).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });
});

function isFiniteJsonNumber(text: string): boolean {
  try {
    return Number.isFinite(JSON.parse(text));
  } catch {
    return false;
  }
}
