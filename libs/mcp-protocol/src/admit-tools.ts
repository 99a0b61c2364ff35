import type { ListedTool, RejectedTool } from '@sallyport/domain-events';
import { type JsonObject, type JsonValue, type Sha256Hex, canonicalJson, isJsonObject } from '@sallyport/kernel';

import { jsonText } from './read-json.js';
import { schemaFault } from './schema-fault.js';

/** What one list and one definition may hold. */
export const TOOL_LIMITS = { tools: 500, definitionBytes: 131_072, nameLength: 128 } as const;

/** Charset and length of MCP 2026-07-28, "Tool names". It also keeps out homoglyphs, bidirectional and invisible characters. */
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const SHOWN_NAME = /[^\x20-\x7e]/gu;

/** The tools of a list that can be offered, and those that cannot, each with its reason. */
export interface AdmittedTools {
  readonly tools: readonly ListedTool[];
  readonly rejected: readonly RejectedTool[];
}

/**
 * Judges a `tools/list` answer tool by tool, because one odd tool must not cost the rest of the list.
 *
 * An admitted definition is kept whole: annotations, output schema, icons, `_meta`, unknown fields, and every character of its
 * texts, invisible ones too. Its hash is over the RFC 8785 form, so order and spacing of keys do not change it and anything else does.
 * Of two tools with one name the first is admitted and the second rejected: a call cannot tell them apart.
 *
 * @param listed The entries as `readJson` gives them (numbers exact), all pages in order.
 * @param sha256Hex SHA-256 of a text's UTF-8 bytes, lower-case hexadecimal; this library has no cryptography.
 */
export function admitTools(listed: readonly unknown[], sha256Hex: (text: string) => Sha256Hex): AdmittedTools {
  const tools: ListedTool[] = [];
  const rejected: RejectedTool[] = [];
  const names = new Set<string>();
  for (const [index, entry] of listed.slice(0, TOOL_LIMITS.tools).entries()) {
    const reason = toolFault(entry, names);
    if (reason !== undefined) {
      rejected.push({ name: shownName(entry, index), reason });
      continue;
    }
    const definition = entry as JsonObject & { readonly name: string };
    names.add(definition.name);
    tools.push({ name: definition.name, definition: jsonText(definition), hash: definitionHash(definition, sha256Hex) });
  }
  const more = listed.length - TOOL_LIMITS.tools;
  if (more > 0) rejected.push({ name: `(${more} more)`, reason: `A list may hold at most ${TOOL_LIMITS.tools} tools.` });
  return { tools, rejected };
}

/** The hash that pins a definition: over its canonical form (RFC 8785). */
export function definitionHash(definition: JsonObject, sha256Hex: (text: string) => Sha256Hex): Sha256Hex {
  return sha256Hex(canonicalJson(definition));
}

function toolFault(entry: unknown, names: ReadonlySet<string>): string | undefined {
  if (!isJsonObject(entry)) return 'The entry is not an object.';
  const name = entry['name'];
  if (typeof name !== 'string' || !TOOL_NAME.test(name)) {
    return 'The name must be 1 to 128 characters of A-Z, a-z, 0-9, "_", "-" and ".".';
  }
  if (names.has(name)) return 'The list names this tool twice; the first definition counts.';
  if (!isJsonObject(entry['inputSchema'])) return 'The tool has no inputSchema object.';
  const fault = schemaFault(entry as JsonValue);
  if (fault !== undefined) return fault;
  const bytes = Buffer.byteLength(jsonText(entry));
  return bytes <= TOOL_LIMITS.definitionBytes ? undefined : `The definition has ${bytes} bytes, more than ${TOOL_LIMITS.definitionBytes}.`;
}

/** A name fit to be shown to a person: what is not printable ASCII as an escape, and not longer than a name may be. */
function shownName(entry: unknown, index: number): string {
  const name = isJsonObject(entry) ? entry['name'] : undefined;
  if (typeof name !== 'string' || name === '') return `(entry ${index + 1})`;
  const escaped = name
    .slice(0, TOOL_LIMITS.nameLength)
    .replace(SHOWN_NAME, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  return name.length > TOOL_LIMITS.nameLength ? `${escaped}…` : escaped;
}
