import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { buildSchema, Kind, parse, specifiedRules, validate, type DocumentNode } from 'graphql';
import { describe, expect, it } from 'vitest';

import { theSchema } from '../../testing/the-schema.js';
import { costRule } from './cost-rule.js';
import { GRAPHQL_LIMITS, requestRules } from './request-limits.js';

describe('the cost of a request', () => {
  const schema = buildSchema('type Query { leaf: Int object: Query page(first: Int): [Query] }');
  const refused = (query: string, most: number) => validate(schema, parse(query), [costRule(most)]).length > 0;
  const costs = (query: string, cost: number) => expect([refused(query, cost - 0.01), refused(query, cost)], query).toEqual([true, false]);

  it('is 1 for a leaf, and 2 for an object whose fields weigh half as much again', () => {
    costs('{ leaf }', 1);
    costs('{ object { leaf } }', 3.5);
    costs('{ object { object { leaf leaf } } }', 2 + 1.5 * (2 + 1.5 * 2));
  });

  it('is the same through fragments', () => {
    costs('{ object { ... { leaf } ...f } } fragment f on Query { leaf }', 5);
  });

  it('does not depend on how large a page is asked for', () => {
    costs('{ page(first: 100) { leaf } }', 3.5);
  });

  it('ends for fragments inside themselves', () => {
    expect(refused('{ ...f } fragment f on Query { leaf object { ...f } }', 1_000)).toBe(false);
  });

  it('counts a fragment as often as it is used', () => {
    const twice = (name: string, next: string) => `fragment ${name} on Query { a: object { ...${next} } b: object { ...${next} } }`;
    const doubling = (levels: number) => `{ ...f1 } ${Array.from({ length: levels }, (_, n) => twice(`f${n + 1}`, `f${n + 2}`)).join(' ')} fragment f${levels + 1} on Query { leaf }`;
    expect(refused(doubling(7), GRAPHQL_LIMITS.cost)).toBe(true);
    expect(refused(doubling(2), GRAPHQL_LIMITS.cost)).toBe(false);
  });

  it('is counted at once, however often fragments double', () => {
    const twice = (name: string, next: string) => `fragment ${name} on Query { a: object { ...${next} } b: object { ...${next} } }`;
    const query = `{ ...f1 } ${Array.from({ length: 40 }, (_, n) => twice(`f${n + 1}`, `f${n + 2}`)).join(' ')} fragment f41 on Query { leaf }`;
    expect(refused(query, GRAPHQL_LIMITS.cost)).toBe(true);
  });
});

describe('the bounds of a request', () => {
  it('leave room for every operation of the typed client', () => {
    const folder = join(import.meta.dirname, '../../../../../libs/graphql-contract/operations');
    const definitions = readdirSync(folder).flatMap((name) => parse(readFileSync(join(folder, name), 'utf8')).definitions);
    const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
    const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    const rules = [...specifiedRules, ...requestRules(false)].filter((rule) => rule.name !== 'NoUnusedFragmentsRule');
    expect(operations.length).toBeGreaterThan(10);
    for (const operation of operations) {
      const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] };
      expect(validate(theSchema(), document, rules).map((error) => error.message), operation.name?.value ?? '').toEqual([]);
    }
  });
});
