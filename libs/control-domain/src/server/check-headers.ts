import type { ServerRefusal } from './server.js';

/** How many headers a server may have. */
export const MAX_HEADERS = 32;
/** How long a header's value may be, characters. */
export const MAX_HEADER_VALUE = 8_192;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
const VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** Headers that belong to the connection, to the framing of the message or to the MCP transport (RFC 9110 7.6.1; MCP, "Transports"). */
const RESERVED = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'last-event-id',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const RESERVED_PREFIXES = ['mcp-', 'sallyport-', ':'];

/**
 * Finds what is wrong with the names of headers that an operator wants sent upstream.
 *
 * @param pointer JSON Pointer of the list the names stand in; the refusal names the entry.
 */
export function headerNameProblem(names: readonly string[], pointer: string): ServerRefusal | undefined {
  if (names.length > MAX_HEADERS) return { code: 'server.headers_too_many', pointer };
  const seen = new Set<string>();
  for (const [at, name] of names.entries()) {
    const lower = name.toLowerCase();
    const place = `${pointer}/${at}/name`;
    if (isReserved(lower)) return { code: 'server.header_reserved', pointer: place };
    if (!TOKEN.test(name)) return { code: 'server.header_name_invalid', pointer: place };
    if (seen.has(lower)) return { code: 'server.header_repeated', pointer: place };
    seen.add(lower);
  }
  return undefined;
}

/** Whether a text can be a header's value: 1 to 8,192 visible ASCII characters, spaces and tabs inside only. */
export function isHeaderValue(text: string): boolean {
  return text.length <= MAX_HEADER_VALUE && VALUE.test(text);
}

function isReserved(lowerName: string): boolean {
  return RESERVED.has(lowerName) || RESERVED_PREFIXES.some((prefix) => lowerName.startsWith(prefix));
}
