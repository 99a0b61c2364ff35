import type { Access } from './world.js';

/** What came back to one POST at the gateway. */
export interface Posted {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly result: ToolResult | undefined;
  readonly error: { readonly code: number; readonly message: string } | undefined;
}

/** A tool's result as the wire has it. */
export interface ToolResult {
  readonly isError?: boolean;
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
  readonly _meta?: { readonly 'sallyport/decision'?: ShownDecision };
}

/** What a refused caller is told. */
export interface ShownDecision {
  readonly decisionId: string;
  readonly ruleId: string | null;
  readonly policyVersion: number | null;
  readonly reasonCode: string;
  readonly retryAfterMs?: number;
}

/** A legacy `tools/call` as a client writes it. */
export function callOf(tool: string, args: Readonly<Record<string, unknown>> = {}, id: number | string = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: tool, arguments: args } });
}

/** Posts one message with a grant's token, as a legacy client of a server without sessions. */
export async function post(access: Pick<Access, 'url' | 'token'>, message: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<Posted> {
  const response = await fetch(access.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${access.token}`, ...headers },
    body: message,
  });
  const text = await response.text();
  const { result, error } = messageIn(text);
  return { status: response.status, headers: response.headers, text, result, error };
}

/** Calls a tool of a server without sessions. */
export function call(access: Pick<Access, 'url' | 'token'>, tool: string, args: Readonly<Record<string, unknown>> = {}): Promise<Posted> {
  return post(access, callOf(tool, args));
}

/** The decision that a refusal shows; undefined for an answer of the upstream. */
export function shownIn(posted: Posted): ShownDecision | undefined {
  return posted.result?._meta?.['sallyport/decision'];
}

/** `allowed` for an answer of the upstream, else the reason shown, else the HTTP status. */
export function verdictOf(posted: Posted): string {
  if (posted.status !== 200) return String(posted.status);
  return shownIn(posted)?.reasonCode ?? (posted.error === undefined ? 'allowed' : `error ${posted.error.code}`);
}

interface Message {
  readonly result?: ToolResult;
  readonly error?: { readonly code: number; readonly message: string };
}

function messageIn(text: string): Message {
  const data = text.startsWith('event:') || text.startsWith('data:') || text.startsWith('id:') ? (text.split('\n').filter((line) => line.startsWith('data:')).at(-1) ?? '').slice(5) : text;
  try {
    return JSON.parse(data) as Message;
  } catch {
    return {};
  }
}
