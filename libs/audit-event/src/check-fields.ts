import { ADMIN_OBJECTS, AUDIT_EVENT_TYPES } from './audit-event-types.js';
import { MAX_DEPTH } from './canonical-json-value.js';
import { MAX_LABELS } from './encode-fields.js';
import type { FieldType } from './field-catalogue.js';
import type { FieldNode } from './field-tree.js';

/** Why a text is no audit event: where (a JSON Pointer, empty for the whole), and what is wrong there. Holds no value of the text. */
export interface AuditEventProblem {
  readonly pointer: string;
  readonly message: string;
}

/** Says what is wrong with a value at a JSON Pointer; null if nothing is. */
export type Check = (value: unknown, pointer: string) => AuditEventProblem | null;

/** Makes the check of one field and of all that is inside it. */
export function fieldChecker(field: FieldNode): Check {
  switch (field.type) {
    case 'object':
      return objectCheck(field.fields);
    case 'objects':
      return listCheck(objectCheck(field.fields));
    case 'texts':
      return listCheck(CHECKS.text);
    case 'word':
      return wordCheck(field.words);
    default:
      return CHECKS[field.type];
  }
}

function objectCheck(fields: readonly FieldNode[]): Check {
  const checks = new Map(fields.map((field) => [field.key, fieldChecker(field)]));
  const required = fields.filter((field) => field.required).map((field) => field.key);
  return (value, pointer) => {
    if (!isObject(value)) return { pointer, message: 'is not an object' };
    const keys = Object.keys(value);
    if (keys.length === 0) return { pointer, message: 'is empty; it must be absent then' };
    for (const key of keys) {
      const problem = checks.get(key)?.(value[key], `${pointer}/${key}`);
      if (problem === undefined) return { pointer, message: 'has a field that this version does not know' };
      if (problem !== null) return problem;
    }
    const missing = required.find((key) => !Object.hasOwn(value, key));
    return missing === undefined ? null : { pointer: `${pointer}/${missing}`, message: 'is missing' };
  };
}

function listCheck(item: Check): Check {
  return (value, pointer) => {
    if (!Array.isArray(value)) return { pointer, message: 'is not a list' };
    if (value.length === 0) return { pointer, message: 'is empty; it must be absent then' };
    for (const [index, member] of value.entries()) {
      const problem = item(member, `${pointer}/${index}`);
      if (problem !== null) return problem;
    }
    return null;
  };
}

function wordCheck(words: readonly string[]): Check {
  const known = new Set<unknown>(words);
  return (value, pointer) => (known.has(value) ? null : { pointer, message: `is none of ${words.join(', ')}` });
}

function says(message: string, holds: (value: unknown) => boolean): Check {
  return (value, pointer) => (holds(value) ? null : { pointer, message });
}

const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const CHECKS: Readonly<Record<Exclude<FieldType, 'object' | 'objects' | 'texts' | 'word'>, Check>> = {
  text: says('is not a text', (value) => typeof value === 'string'),
  type: says('is no type of event', isEventType),
  instant: says('is not an instant in UTC with six decimals', isInstant),
  hash: says('is not 64 hexadecimal digits', matches(/^[0-9a-f]{64}$/)),
  uuid: says('is not a UUID in lower case', matches(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)),
  count: says('is not a whole number from 0', (value) => Number.isSafeInteger(value) && (value as number) >= 0),
  level: says('is not a severity from 1 to 5', (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 5),
  number: says('is not a number', (value) => Number.isFinite(value)),
  true: says('is not true', (value) => value === true),
  labels: says(`is not at most ${MAX_LABELS} labels`, isLabels),
  json: says(`lies deeper than ${MAX_DEPTH} levels`, (value) => isShallow(value, MAX_DEPTH)),
};

const TYPES = new Set<unknown>(AUDIT_EVENT_TYPES);
const ADMIN_TYPE = new RegExp(`^admin\\.(${ADMIN_OBJECTS.join('|')})\\.[a-z][a-z_]*$`);
const INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3})\d{3}Z$/;

function isEventType(value: unknown): boolean {
  return TYPES.has(value) || (typeof value === 'string' && ADMIN_TYPE.test(value));
}

/** Beyond its form it is a day and a time that there are: February 30th comes back as another. */
function isInstant(value: unknown): boolean {
  const millis = typeof value === 'string' ? INSTANT.exec(value)?.[1] : undefined;
  if (millis === undefined) return false;
  const epochMs = Date.parse(`${millis}Z`);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString() === `${millis}Z`;
}

function isLabels(value: unknown): boolean {
  if (!isObject(value)) return false;
  const labels = Object.values(value);
  return labels.length > 0 && labels.length <= MAX_LABELS && labels.every((label) => typeof label === 'string');
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isShallow(member, levels - 1));
}
