import type { JsonValue } from '@sallyport/kernel';

import { isNumber } from '../compare-numbers.js';

/** What a keyword of JSON Schema 2020-12 takes. */
export type KeywordShape = 'schema' | 'schemas' | 'schema list' | 'number' | 'positive number' | 'count' | 'text' | 'texts' | 'texts by name' | 'boolean' | 'list' | 'any' | 'types' | 'pattern' | 'schemas by pattern';

/** The names of JSON's types, and `integer`. */
export const SCHEMA_TYPES = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'] as const;

/** Every keyword that is read, by what it takes. Those that only describe are read and say nothing. */
export const SCHEMA_KEYWORDS: ReadonlyMap<string, KeywordShape> = new Map<string, KeywordShape>([
  ['$ref', 'text'],
  ['$defs', 'schemas'],
  ['definitions', 'schemas'],
  ['type', 'types'],
  ['const', 'any'],
  ['enum', 'list'],
  ['multipleOf', 'positive number'],
  ['maximum', 'number'],
  ['exclusiveMaximum', 'number'],
  ['minimum', 'number'],
  ['exclusiveMinimum', 'number'],
  ['maxLength', 'count'],
  ['minLength', 'count'],
  ['pattern', 'pattern'],
  ['prefixItems', 'schema list'],
  ['items', 'schema'],
  ['contains', 'schema'],
  ['maxContains', 'count'],
  ['minContains', 'count'],
  ['maxItems', 'count'],
  ['minItems', 'count'],
  ['uniqueItems', 'boolean'],
  ['properties', 'schemas'],
  ['patternProperties', 'schemas by pattern'],
  ['additionalProperties', 'schema'],
  ['propertyNames', 'schema'],
  ['maxProperties', 'count'],
  ['minProperties', 'count'],
  ['required', 'texts'],
  ['dependentRequired', 'texts by name'],
  ['dependentSchemas', 'schemas'],
  ['allOf', 'schema list'],
  ['anyOf', 'schema list'],
  ['oneOf', 'schema list'],
  ['not', 'schema'],
  ['if', 'schema'],
  ['then', 'schema'],
  ['else', 'schema'],
  ['$schema', 'any'],
  ['$comment', 'any'],
  ['title', 'any'],
  ['description', 'any'],
  ['default', 'any'],
  ['examples', 'any'],
  ['deprecated', 'any'],
  ['readOnly', 'any'],
  ['writeOnly', 'any'],
  ['format', 'any'],
  ['contentEncoding', 'any'],
  ['contentMediaType', 'any'],
  ['contentSchema', 'any'],
]);

/** Whether a value fits a shape that holds no schema; `undefined` for those that do. */
export function fitsShape(shape: KeywordShape, value: JsonValue): boolean | undefined {
  switch (shape) {
    case 'number':
      return isNumber(value);
    case 'positive number':
      return typeof value === 'number' ? value > 0 : isNumber(value) && !value.text.startsWith('-');
    case 'count':
      return typeof value === 'number' && Number.isInteger(value) && value >= 0;
    case 'text':
    case 'pattern':
      return typeof value === 'string';
    case 'texts':
      return isTextList(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'list':
      return Array.isArray(value);
    case 'types':
      return isType(value) || (Array.isArray(value) && value.length > 0 && (value as readonly JsonValue[]).every(isType));
    case 'any':
      return true;
    case 'texts by name':
    case 'schema':
    case 'schemas':
    case 'schema list':
    case 'schemas by pattern':
      return undefined;
  }
}

/** Whether a value is a list of texts. */
export function isTextList(value: JsonValue | undefined): value is readonly string[] {
  return Array.isArray(value) && (value as readonly JsonValue[]).every((each) => typeof each === 'string');
}

function isType(value: JsonValue): boolean {
  return SCHEMA_TYPES.some((type) => type === value);
}
