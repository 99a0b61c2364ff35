import { canonicalJsonValue } from './canonical-json-value.js';
import { canonicalText, keepableText } from './canonical-text.js';
import type { FieldType } from './field-catalogue.js';
import type { FieldNode } from './field-tree.js';

/**
 * Appends a value's RFC 8785 text to `out`, with `lead` before it. A value that says nothing appends neither: the result is `out` itself.
 * Appending to one text rather than joining parts is what makes this fast.
 */
export type Append = (out: string, lead: string, value: unknown) => string;

/**
 * Makes the encoder of an object's members, without the braces, for these fields and no others; `lead` stands before the first. Members that
 * are undefined, null (other than a JSON value), empty lists or empty objects are absent; counts are rounded into their range. Total, and
 * made once: it runs for every event.
 */
export function membersEncoder(fields: readonly FieldNode[]): Append {
  const plans = fields.map((field) => {
    const name = `${canonicalText(field.key)}:`;
    return { key: field.key, name, next: `,${name}`, append: encoderOf(field), keepsNull: field.type === 'json' };
  });
  return (out, lead, value) => {
    const members = value as Readonly<Record<string, unknown>>;
    let text = out;
    for (let at = 0; at < plans.length; at += 1) {
      const plan = plans[at] as (typeof plans)[number];
      const member = members[plan.key];
      if (member === undefined || (member === null && !plan.keepsNull)) continue;
      text = plan.append(text, text === out ? lead + plan.name : plan.next, member);
    }
    return text;
  };
}

function encoderOf(field: FieldNode): Append {
  if (field.type === 'object') return inBraces(membersEncoder(field.fields));
  if (field.type === 'objects') return listOf(inBraces(membersEncoder(field.fields)));
  return ENCODERS[field.type];
}

function inBraces(members: Append): Append {
  return (out, lead, value) => {
    if (typeof value !== 'object' || value === null) return out;
    const text = members(out, `${lead}{`, value);
    return text === out ? out : `${text}}`;
  };
}

function listOf(append: Append): Append {
  return (out, lead, value) => {
    if (!Array.isArray(value)) return out;
    let text = out;
    for (const item of value) text = append(text, text === out ? `${lead}[` : ',', item);
    return text === out ? out : `${text}]`;
  };
}

const text: Append = (out, lead, value) => (typeof value === 'string' ? out + lead + canonicalText(value) : out);
const finite: Append = (out, lead, value) => (typeof value === 'number' && Number.isFinite(value) ? out + lead + String(value) : out);

const ENCODERS: Readonly<Record<Exclude<FieldType, 'object' | 'objects'>, Append>> = {
  text,
  word: text,
  type: text,
  instant: text,
  hash: text,
  uuid: text,
  count: (out, lead, value) => (typeof value === 'number' ? finite(out, lead, Math.min(Math.max(Math.round(value), 0), Number.MAX_SAFE_INTEGER)) : out),
  level: finite,
  number: finite,
  true: (out, lead, value) => (value === true ? `${out}${lead}true` : out),
  texts: listOf(text),
  labels: appendLabels,
  json: (out, lead, value) => out + lead + canonicalJsonValue(value),
};

function appendLabels(out: string, lead: string, value: unknown): string {
  if (typeof value !== 'object' || value === null) return out;
  const labels = new Map<string, string>();
  for (const [key, label] of Object.entries(value)) {
    if (typeof label === 'string' && labels.size < MAX_LABELS) labels.set(keepableText(key), canonicalText(label));
  }
  if (labels.size === 0) return out;
  return `${out}${lead}{${[...labels.keys()].sort().map((key) => `${canonicalText(key)}:${labels.get(key)}`).join(',')}}`;
}

/** How many labels an event may have. */
export const MAX_LABELS = 16;
