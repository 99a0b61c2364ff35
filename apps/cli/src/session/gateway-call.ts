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

const UNKNOWN_TOOL = -32_602;
const DECISION_META = 'sallyport/decision';
const DECISION_HEADER = 'sallyport-decision-id';
const RULE_HEADER = 'sallyport-rule-id';

/**
 * Calls a tool as an MCP client would.
 *
 * @throws {Fault} `admin_api.unauthenticated` for a grant token that is not accepted, `cli.gateway_unreachable`, `cli.call_failed`.
 */
export async function callThroughGateway(request: GatewayCallRequest): Promise<GatewayCallAnswer> {
  let headers = new Headers();
  let status = 0;
  const fetching: typeof fetch = async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'error' });
    if (response.headers.has(DECISION_HEADER)) headers = response.headers;
    status = response.status;
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
    throw callFault(caught, status, request.url);
  } finally {
    await client.close();
  }
}

function answerOf(result: { _meta?: Record<string, unknown> | undefined; isError?: boolean | undefined }, headers: Headers): GatewayCallAnswer {
  const meta = result._meta?.[DECISION_META] as DecisionMeta | undefined;
  const decisionId = meta?.decisionId ?? headers.get(DECISION_HEADER);
  const ruleId = meta?.ruleId ?? headers.get(RULE_HEADER);
  return { outcome: meta === undefined ? 'allowed' : outcomeOf(meta.reasonCode), decisionId, ruleId, result, isError: result.isError ?? false };
}

function outcomeOf(reasonCode: string | undefined): Outcome {
  if (reasonCode === 'limit_exceeded') return 'limited';
  return reasonCode === 'approval_required' ? 'approval_required' : 'denied';
}

function callFault(caught: unknown, status: number, url: string): Error {
  if (status === 0) return cliFault.gateway_unreachable(`Nothing answers at ${url}: is the gateway running there?`, {}, caught);
  if (status === 503) return cliFault.gateway_unreachable(`The gateway at ${url} is starting or stopping. Try again in a moment.`, {}, caught);
  if (status === 401) return cliFault.not_signed_in('The gateway did not accept the grant token: is it for this server, and neither expired nor revoked?', {}, caught);
  if (status === 404) return cliFault.not_found(`There is no server at ${url} for this token.`, {}, caught);
  return cliFault.call_failed(caught instanceof Error ? caught.message : 'The call was not answered.', {}, caught);
}
