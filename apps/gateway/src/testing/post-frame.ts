/** What a test looks at of an answer. */
export interface PostedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, or the data of the last event, parsed; `undefined` where there is none. */
  readonly message: unknown;
}

/** Where a frame goes and with what credential. */
export interface PostTarget {
  readonly url: string;
  readonly token: string;
}

/** Sends a body as a legacy client would, with headers changed or added; `null` leaves one out. */
export async function postFrame(target: PostTarget, body: string | Uint8Array, headers: Readonly<Record<string, string | null>> = {}): Promise<PostedAnswer> {
  const all: Record<string, string | null> = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${target.token}`, ...headers };
  const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
  const response = await fetch(target.url, { method: 'POST', headers: sent, body: typeof body === 'string' ? body : Buffer.from(body) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, message: parsed(text) };
}

/** A `tools/call` frame of the legacy era. */
export function callFrame(tool: string, args: object = {}, id: string | number = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: tool, arguments: args } });
}

/** A request frame of the modern era, with the headers that mirror it. */
export function modernFrame(method: string, params: object = {}, id: string | number = 1): { readonly body: string; readonly headers: Record<string, string> } {
  const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} };
  const name = 'name' in params && typeof params.name === 'string' ? { 'mcp-name': params.name } : {};
  return { body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } }), headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...name } };
}

function parsed(text: string): unknown {
  const data = text.startsWith('event:') || text.startsWith('data:') || text.startsWith('id:') ? text.split('\n').findLast((line) => line.startsWith('data:'))?.slice(5) : text;
  try {
    return JSON.parse(data ?? '') as unknown;
  } catch {
    return undefined;
  }
}
