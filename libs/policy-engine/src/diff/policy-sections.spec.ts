import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { aPolicyDocument } from '../testing/a-policy.js';
import { policySections, zoneOf } from './policy-sections.js';

interface PartsCase {
  readonly document: object;
  /** Each part as its key, shape, message, pointer, rule's id and zone. */
  readonly sections: readonly { readonly key: string; readonly scope: object; readonly parts: readonly (readonly (string | null)[])[] }[];
}
const golden = JSON.parse(readFileSync(new URL('../../fixtures/policy-parts.json', import.meta.url), 'utf8')) as PartsCase;

const zonesOf = (timezone: string | undefined, ...conditions: readonly object[]): readonly string[] =>
  policySections(aPolicyDocument({ ...(timezone === undefined ? {} : { timezone }), tools: { pay: { deny_if: conditions.map((condition) => ({ conditions: [condition, { path: 'args.a', op: 'eq', value: 1 }] })) } } })).flatMap(({ parts }) =>
    parts.flatMap(({ body, zone }) => (body.kind === 'deny_if' ? [zone] : [])),
  );

describe('a document taken apart', () => {
  it('is sections of parts, each with what it says, where it is written and what decisions call it', () => {
    const sections = policySections(aPolicyDocument(golden.document)).map(({ key, scope, parts }) => ({ key, scope, parts: parts.map((part) => [part.key, part.shape, part.message, part.pointer, part.ruleId, part.zone]) }));
    expect(sections).toEqual(golden.sections);
  });

  it('says what admits', () => {
    const admits = policySections(aPolicyDocument({ default: 'allow', select: [{ match: { risk: ['Low'] }, allow: true }], tools: { pay: {} } })).flatMap(({ parts }) => parts.flatMap(({ body }) => (body.kind === 'admit' ? [body.by] : [])));
    expect(admits).toEqual(['default', 'select', 'name']);
  });

  it('has no parts where nothing is said', () => {
    expect(policySections(aPolicyDocument({})).map(({ key, parts }) => [key, parts])).toEqual([
      ['default', []],
      ['hide', []],
    ]);
    expect(policySections(aPolicyDocument({ tools: { pay: { response: {} } } })).flatMap(({ parts }) => parts.map(({ key }) => key))).toEqual(['admit admit']);
  });

  it('notes the zone of what asks for times, or may', () => {
    const hour = { path: 'time.hour', op: 'lt', value: 6 };
    const other = { path: 'args.b', op: 'eq', value: 1 };
    const timed = [hour, { not: hour }, { any: [other, hour] }, { cel: 'time.hour < 6' }, { not: { cel: 'time.hour < 6' } }, { any: [other, { cel: 'time.hour < 6' }] }, { all: [{ cel: 'time.hour < 6' }, other] }];
    expect(zonesOf('Europe/Berlin', ...timed)).toEqual(timed.map(() => 'Europe/Berlin'));
    expect(zonesOf(undefined, ...timed)).toEqual(timed.map(() => 'UTC'));
    expect(zonesOf('Europe/Berlin', other, { not: other }, { any: [other, { cel: 'args.a > 1' }] }, { cel: 'args.a > 1' })).toEqual(['', '', '', '']);
  });
});

describe('the zone of a document', () => {
  it.each([
    [undefined, 'UTC'],
    ['UTC', 'UTC'],
    ['Etc/UTC', 'UTC'],
    ['Europe/Berlin', 'Europe/Berlin'],
  ])('%s is %s', (timezone, zone) => {
    expect(zoneOf(aPolicyDocument(timezone === undefined ? {} : { timezone }))).toBe(zone);
  });
});
