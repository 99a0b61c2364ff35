import { canonicalJson, isJsonObject, type JsonValue } from '@sallyport/kernel';

/** JSON on several lines, two spaces a level, members in the order they have and numbers to their last digit. */
export function prettyJson(value: JsonValue, indent = ''): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) return block('[]', value.map((element: JsonValue) => `${inner}${prettyJson(element, inner)}`), indent);
  if (!isJsonObject(value)) return canonicalJson(value);
  const members = Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [`${inner}${JSON.stringify(key)}: ${prettyJson(member, inner)}`]));
  return block('{}', members, indent);
}

function block(brackets: '[]' | '{}', lines: readonly string[], indent: string): string {
  return lines.length === 0 ? brackets : `${brackets.charAt(0)}\n${lines.join(',\n')}\n${indent}${brackets.charAt(1)}`;
}
