import { canonicalJsonValue } from './canonical-json-value.js';
import { canonicalText, keepableText } from './canonical-text.js';
import type { FieldType } from './field-catalogue.js';
import type { FieldNode } from './field-tree.js';

/** Writes a value as RFC 8785 text; an empty text for what says nothing and is therefore absent. */
export type Encode = (value: unknown) => string;

/**
 * Makes the encoder of an object's members, without the braces, for these fields and no others. Members that are undefined, null (other than
 * a JSON value), empty lists or empty objects are absent; counts are rounded into their range. Total, and made once: it runs for every event.
 */
export function membersEncoder(fields: readonly FieldNode[]): Encode {
  const plans = fields.map((field) => ({ key: field.key, prefix: `${canonicalText(field.key)}:`, encode: encoderOf(field), keepsNull: field.type === 'json' }));
  return (value) => {
    if (!isRecord(value)) return '';
    let text = '';
    for (const plan of plans) {
      const member = value[plan.key];
      if (member === undefined || (member === null && !plan.keepsNull)) continue;
      const written = plan.encode(member);
      if (written !== '') text += text === '' ? plan.prefix + written : `,${plan.prefix}${written}`;
    }
    return text;
  };
}

function encoderOf(field: FieldNode): Encode {
  if (field.type === 'object') return inBraces(membersEncoder(field.fields));
  if (field.type === 'objects') return listOf(inBraces(membersEncoder(field.fields)));
  return ENCODERS[field.type];
}

function inBraces(members: Encode): Encode {
  return (value) => {
    const text = members(value);
    return text === '' ? '' : `{${text}}`;
  };
}

function listOf(encode: Encode): Encode {
  return (value) => {
    if (!Array.isArray(value)) return '';
    let text = '';
    for (const item of value) {
      const written = encode(item);
      if (written !== '') text += text === '' ? written : `,${written}`;
    }
    return text === '' ? '' : `[${text}]`;
  };
}

const text: Encode = (value) => (typeof value === 'string' ? canonicalText(value) : '');

const ENCODERS: Readonly<Record<Exclude<FieldType, 'object' | 'objects'>, Encode>> = {
  text,
  word: text,
  type: text,
  instant: text,
  hash: text,
  uuid: text,
  count: (value) => (typeof value === 'number' && Number.isFinite(value) ? String(Math.min(Math.max(Math.round(value), 0), Number.MAX_SAFE_INTEGER)) : ''),
  level: (value) => (typeof value === 'number' ? String(value) : ''),
  number: (value) => (typeof value === 'number' && Number.isFinite(value) ? String(value) : ''),
  true: (value) => (value === true ? 'true' : ''),
  texts: listOf(text),
  labels: encodeLabels,
  json: (value) => canonicalJsonValue(value),
};

function encodeLabels(value: unknown): string {
  if (!isRecord(value)) return '';
  const labels = new Map<string, string>();
  for (const [key, label] of Object.entries(value)) {
    if (typeof label === 'string' && labels.size < MAX_LABELS) labels.set(keepableText(key), canonicalText(label));
  }
  if (labels.size === 0) return '';
  return `{${[...labels.keys()].sort().map((key) => `${canonicalText(key)}:${labels.get(key)}`).join(',')}}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** How many labels an event may have. */
export const MAX_LABELS = 16;
