import type { Frame } from '../frame.js';
import { type HeaderView, readHeaders } from '../read-headers.js';
import { META_KEYS } from '../revisions.js';
import { scanFrame } from '../scan-frame.js';

/** The frame of a body that must be clean; throws with the refusal's sentence when it is not. */
export function frameFrom(body: string | object): Frame {
  const scanned = scanFrame(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
  if (!scanned.ok) throw new Error(scanned.refusal.message);
  return scanned.value;
}

/** The view of headers that must be clean; throws with the refusal's sentence when they are not. */
export function headersFrom(headers: Readonly<Record<string, string>>): HeaderView {
  const read = readHeaders(Object.entries(headers).flat());
  if (!read.ok) throw new Error(read.refusal.message);
  return read.value;
}

/** A modern request's `_meta`. */
export const modernMeta: Readonly<Record<string, unknown>> = {
  [META_KEYS.protocolVersion]: '2026-07-28',
  [META_KEYS.clientCapabilities]: {},
  [META_KEYS.clientInfo]: { name: 'tester', version: '1' },
};

/** A whole, correct modern request: its body and the headers that mirror it. */
export function modernRequest(method: string, params: Readonly<Record<string, unknown>> = {}): { body: string; headers: Record<string, string> } {
  const named = params['name'] ?? params['uri'] ?? params['taskId'];
  return {
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: modernMeta } }),
    headers: {
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': method,
      ...(typeof named === 'string' ? { 'Mcp-Name': named } : {}),
    },
  };
}
