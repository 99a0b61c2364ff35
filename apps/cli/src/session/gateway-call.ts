import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { Outcome } from '@sallyport/audit';

import { cliFault } from '../cli-faults.js';

/** One real call of a tool through the gateway. */
export interface GatewayCallRequest {
  /** The gateway's address of the server, `…/mcp/<slug>`. */
  readonly url: string;
  readonly grantToken: string;
  readonly tool: string;
  readonly args: Record<string, unknown>;
}

/** What came back. `unknown` is a tool that this grant cannot see. */
export interface GatewayCallAnswer {
  readonly outcome: Outcome | 'unknown';
  readonly decisionId: string | null;
  readonly ruleId: string | null;
  readonly result: unknown;
  readonly isError: boolean;
}

interface DecisionMeta {
  readonly decisionId?: string;
  readonly ruleId?: string;
  readonly reasonCode?: string;
}

/** What the last request was answered with. */
interface Answered {
  /** The HTTP status; 0 where nothing answered. */
  readonly status: number;
  /** The sentence of a JSON-RPC error that came with a status other than 2xx. */
  readonly refusal: string | null;
}

const NOTHING: Answered = { status: 0, refusal: null };

const UNKNOWN_TOOL = -32_602;
const DECISION_META = 'sallyport/decision';
const DECISION_HEADER = 'sallyport-decision-id';
const RULE_HEADER = 'sallyport-rule-id';
const MCP_ERROR = /^MCP error -?\d+: /;

/**
 * Calls a tool as an MCP client would.
 *
 * @throws {Fault} `cli.not_signed_in` for a grant token that is not accepted, `cli.not_found` for a server that it is not for,
 * `cli.gateway_unreachable`, `cli.call_failed`.
 */
export async function callThroughGateway(request: GatewayCallRequest): Promise<GatewayCallAnswer> {
  let headers = new Headers();
  let answered = NOTHING;
  const fetching: typeof fetch = async (input, init) => {
    const isPost = init?.method === 'POST'; // the client also asks for a stream of notifications, which need not be had
    if (isPost) answered = NOTHING;
    const response = await fetch(input, { ...init, redirect: 'manual' });
    if (response.headers.has(DECISION_HEADER)) headers = response.headers;
    if (isPost) answered = { status: response.status, refusal: response.ok ? null : refusalIn(await response.clone().text()) };
    return response;
  };
  const transport = new StreamableHTTPClientTransport(new URL(request.url), { fetch: fetching, requestInit: { headers: { authorization: `Bearer ${request.grantToken}` } } });
  const client = new Client({ name: 'sallyport-cli', version: '0.1.0' });
  try {
    await client.connect(transport as Parameters<Client['connect']>[0]);
    const result = await client.request({ method: 'tools/call', params: { name: request.tool, arguments: request.args } }, CallToolResultSchema);
    return answerOf(result, headers);
  } catch (caught) {
    if (caught instanceof McpError && caught.code === UNKNOWN_TOOL) return { outcome: 'unknown', decisionId: null, ruleId: null, result: null, isError: true };
    throw callFault(caught, { ...answered, decisionId: headers.get(DECISION_HEADER) }, request.url);
  } finally {
    await client.close();
  }
}

/** An answer that came with the gateway's headers is the server's own, whatever it says of a decision. */
function answerOf(result: { _meta?: Record<string, unknown> | undefined; isError?: boolean | undefined }, headers: Headers): GatewayCallAnswer {
  const isError = result.isError ?? false;
  if (headers.has(DECISION_HEADER)) return { outcome: 'allowed', decisionId: headers.get(DECISION_HEADER), ruleId: headers.get(RULE_HEADER), result, isError };
  const meta = result._meta?.[DECISION_META] as DecisionMeta | undefined;
  return { outcome: meta === undefined ? 'allowed' : outcomeOf(meta.reasonCode), decisionId: meta?.decisionId ?? null, ruleId: meta?.ruleId ?? null, result, isError };
}

function outcomeOf(reasonCode: string | undefined): Outcome {
  if (reasonCode === 'limit_exceeded') return 'limited';
  return reasonCode === 'approval_required' ? 'approval_required' : 'denied';
}

function callFault(caught: unknown, failed: Answered & { readonly decisionId: string | null }, url: string): Error {
  const { status, refusal, decisionId } = failed;
  if (status === 0) return cliFault.gateway_unreachable(`Nothing answers at ${url}: is the gateway running there?`, {}, caught);
  if (status === 503) return cliFault.gateway_unreachable(`The gateway at ${url} is starting or stopping. Try again in a moment.`, {}, caught);
  if (status === 401) return cliFault.not_signed_in('The gateway did not accept the grant token: is it for this server, and neither expired nor revoked?', {}, caught);
  if (status === 404) return cliFault.not_found(`There is no server at ${url} for this token.`, {}, caught);
  return cliFault.call_failed(`${refusal ?? sentenceFor(caught, status, url)}${decisionNamed(caught, decisionId)}`, {}, caught);
}

function sentenceFor(caught: unknown, status: number, url: string): string {
  if (caught instanceof McpError) return caught.message.replace(MCP_ERROR, '');
  if (caught instanceof TypeError) return 'The connection broke before the call was answered.'; // what fetch throws for a network's failure
  return `What answers at ${url} does not speak MCP (HTTP ${status}): is this the gateway's address?`;
}

/** The decision of a refusal stands in its data, that of an admitted call in the headers. */
function decisionNamed(caught: unknown, ofHeaders: string | null): string {
  const ofData = caught instanceof McpError ? (caught.data as DecisionMeta | undefined)?.decisionId : undefined;
  const decisionId = ofData ?? ofHeaders;
  return decisionId === null ? '' : ` (decision ${decisionId})`;
}

function refusalIn(body: string): string | null {
  try {
    const { error } = JSON.parse(body) as { readonly error?: { readonly message?: unknown } };
    return typeof error?.message === 'string' ? error.message : null;
  } catch {
    return null; // a page, not a message
  }
}
