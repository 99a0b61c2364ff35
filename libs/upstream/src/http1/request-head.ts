import type { UpstreamRequest } from '../upstream-call.js';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const NOT_OF_A_VALUE = /[^\t -~\x80-\xff]/;
const NOT_OF_A_PATH = /[^!-~\x80-\xff]/;
/** Fields about the connection or the message's end, which are ours alone. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['connection', 'content-length', 'expect', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/**
 * The request line and fields of a request, to the empty line, a character a byte.
 *
 * @param host The value of `Host` unless the request has one of its own.
 * @returns Undefined if it cannot be written so that it is read as this one request.
 */
export function requestHead(request: UpstreamRequest, host: string): string | undefined {
  const { method, path, headers, body } = request;
  if (!path.startsWith('/') || NOT_OF_A_PATH.test(path)) return undefined;
  let ownHost = host;
  let fields = '';
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1];
    if (value === undefined || NOT_OF_A_VALUE.test(value) || !NAME.test(name)) return undefined;
    const lower = name.toLowerCase();
    if (OWN_FIELDS.has(lower)) return undefined;
    if (lower === 'host') ownHost = value;
    else fields += `${name}: ${value}\r\n`;
  }
  const length = body === null && method !== 'POST' ? '' : `content-length: ${body === null ? 0 : body.length}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: ${ownHost}\r\nconnection: keep-alive\r\n${fields}accept-encoding: identity\r\n${length}\r\n`;
}
