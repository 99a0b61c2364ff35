import type { Fault } from '@sallyport/kernel';

import { adminFault } from './admin-faults.js';
import type { TypedDocumentString } from './generated.js';

/** Where the admin API is, and as whom to ask. */
export interface AdminClientOptions {
  /** Base of the deployment, without `/graphql`. */
  readonly url: string;
  readonly token: string | undefined;
  /** Slug or id of the organisation to act in, where the token may act in several. */
  readonly organisation?: string | undefined;
  readonly timeoutMs?: number;
  /** Replaces the global `fetch`, for listeners with a private certificate. */
  readonly fetch?: typeof fetch;
}

interface GraphQLAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** Statuses of a control plane that is not there yet, and of what stands in front of one that is away. */
const AWAY: ReadonlySet<number> = new Set([502, 503, 504]);
/** Codes of requests that are wrong by themselves. */
const BAD_REQUEST: ReadonlySet<string | undefined> = new Set(['bad_input', 'bad_request', 'graphql_validation_failed', 'graphql_parse_failed']);
const DEFAULT_TIMEOUT_MS = 60_000;

/** Asks the admin API, with the operation's own types. */
export class AdminClient {
  constructor(private readonly options: AdminClientOptions) {}

  /**
   * Runs one operation.
   *
   * @throws {Fault} `admin_api.unreachable`, `.unavailable`, `.unauthenticated`, `.forbidden`, `.bad_request`, `.failed`. Refusals of a
   *   mutation are not faults: they are in the answer's union.
   */
  async run<Answer, Variables>(document: TypedDocumentString<Answer, Variables>, variables: Variables): Promise<Answer> {
    const response = await this.post(JSON.stringify({ query: document.toString(), variables }));
    const answer = await readAnswer(response);
    const problem = answer.errors?.[0];
    if (problem !== undefined) throw faultFor(problem.extensions?.code, problem.message, response.status);
    if (answer.data === undefined || answer.data === null) throw adminFault.failed(`The control plane answered HTTP ${response.status} without data.`);
    return answer.data as Answer;
  }

  private async post(body: string): Promise<Response> {
    const { url, token, organisation } = this.options;
    const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (organisation !== undefined) headers['sallyport-organisation'] = organisation;
    const signal = AbortSignal.timeout(this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    try {
      return await (this.options.fetch ?? fetch)(new URL('/graphql', url), { method: 'POST', headers, body, signal, redirect: 'error' });
    } catch (cause) {
      throw adminFault.unreachable(`Nothing answers at ${url}: is Sallyport running there?`, {}, cause);
    }
  }
}

async function readAnswer(response: Response): Promise<GraphQLAnswer> {
  try {
    return (await response.json()) as GraphQLAnswer;
  } catch (cause) {
    if (AWAY.has(response.status)) throw adminFault.unavailable(`The control plane is starting, or what stands in front of it cannot reach it (HTTP ${response.status}). Try again in a moment.`, {}, cause);
    throw adminFault.failed(`What answers there is not Sallyport's admin API (HTTP ${response.status}).`, {}, cause);
  }
}

function faultFor(code: string | undefined, message: string, status: number): Fault {
  const known = code?.toLowerCase();
  if (known === 'unauthenticated' || status === 401) return adminFault.unauthenticated(message);
  if (known === 'forbidden' || status === 403) return adminFault.forbidden(message);
  if (BAD_REQUEST.has(known) || status === 400) return adminFault.bad_request(message);
  return known === 'unavailable' ? adminFault.unavailable(message) : adminFault.failed(message);
}
