const PREFIX = '=?base64?';
const SUFFIX = '?=';
const CANONICAL_BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * The text a mirrored header (`Mcp-Name`, `Mcp-Param-*`) stands for: itself, or what `=?base64?…?=` encodes.
 *
 * @returns `undefined` when the sentinel's payload is not canonical base64 of valid UTF-8.
 * @see MCP 2026-07-28, "Streamable HTTP", header value encoding.
 */
export function decodeMirroredValue(value: string): string | undefined {
  if (!value.startsWith(PREFIX) || !value.endsWith(SUFFIX) || value.length < PREFIX.length + SUFFIX.length) return value;
  const payload = value.slice(PREFIX.length, -SUFFIX.length);
  if (!CANONICAL_BASE64.test(payload)) return undefined;
  const bytes = Buffer.from(payload, 'base64');
  if (bytes.toString('base64') !== payload) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The decoder throws exactly on invalid UTF-8, which is this function's `undefined`.
    return undefined;
  }
}

/** The header form of a text: itself where it is plain ASCII without edge spaces and cannot be taken for the sentinel, else the sentinel. */
export function encodeMirroredValue(text: string): string {
  if (text === '' || (PLAIN.test(text) && !text.startsWith(PREFIX))) return text;
  return PREFIX + Buffer.from(text).toString('base64') + SUFFIX;
}
