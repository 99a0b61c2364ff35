import { isJsonObject, ok, refuse, timerScheduler, type Result, type Scheduler } from '@sallyport/kernel';
import type { StdioEntry } from '@sallyport/operator-file';

import type { EgressGuard, EgressScope } from './egress-guard.js';
import { openHttpListing } from './http-listing.js';
import { HttpUpstream } from './http-upstream.js';
import { CoarseClock } from './http1/coarse-clock.js';
import type { Inspection, InspectionRefusal } from './inspection.js';
import { notAList, refusalOfRpcError, tooLarge } from './inspection-refusals.js';
import { elementSpans, spanAt } from './json-span.js';
import type { ListingSession } from './listing-session.js';
import { resultOf, type RpcAnswer } from './rpc-answer.js';
import { openStdioListing } from './stdio-listing.js';
import type { StdioLimits } from './stdio-server.js';

/** Which server to look at. `headers` are its credentials, opened, names and values in turn. */
export type InspectionTarget =
  | { readonly kind: 'http'; readonly url: string; readonly headers: readonly string[]; readonly guard: EgressGuard; readonly scope: EgressScope }
  | { readonly kind: 'stdio'; readonly entry: StdioEntry };

/** What an inspection may cost. */
export interface InspectionLimits {
  /** Milliseconds for each request. */
  readonly timeoutMs: number;
  /** Bytes of one page. */
  readonly pageBytes: number;
  /** Bytes of all tools together. */
  readonly listBytes: number;
  readonly tools: number;
  readonly pages: number;
}

/** 500 tools of 128 kB at most, on at most 100 pages. */
export const INSPECTION_LIMITS: InspectionLimits = {
  timeoutMs: 30_000,
  pageBytes: 16 * 1024 * 1024,
  listBytes: 64 * 1024 * 1024,
  tools: 500,
  pages: 100,
};

/** Everything has a default. */
export interface InspectionOptions {
  readonly limits?: Partial<InspectionLimits>;
  readonly stdioLimits?: Partial<StdioLimits>;
  readonly scheduler?: Scheduler;
}

/**
 * Looks at a server as it is now: which eras it speaks, how it introduces itself, and every tool it lists, each exactly as sent. Judges nothing:
 * a list with one broken tool is still a list.
 *
 * @returns A refusal with a sentence for the person who added the server, when it cannot be reached or does not speak MCP.
 */
export async function inspectServer(target: InspectionTarget, options: InspectionOptions = {}): Promise<Result<Inspection, InspectionRefusal>> {
  const limits = { ...INSPECTION_LIMITS, ...options.limits };
  const scheduler = options.scheduler ?? timerScheduler(globalThis);
  const cost = { timeoutMs: limits.timeoutMs, maxBytes: limits.pageBytes, scheduler };
  if (target.kind === 'stdio') {
    const session = await openStdioListing(target.entry, { ...cost, ...(options.stdioLimits && { limits: options.stdioLimits }) });
    return session.ok ? inspectSession(session.value, limits) : session;
  }
  const url = target.guard.checkUrl(target.url, target.scope);
  if (!url.ok) return refuse({ code: 'egress', message: url.refusal.message });
  const connection = { connections: 2, waiting: 2, connectTimeoutMs: limits.timeoutMs, keepAliveMs: 1000 };
  const upstream = new HttpUpstream({ guard: target.guard, url: url.value, scope: target.scope }, connection, new CoarseClock(scheduler));
  try {
    const session = await openHttpListing({ ...cost, upstream, headers: target.headers });
    return session.ok ? await inspectSession(session.value, limits) : session;
  } finally {
    await upstream.destroy();
  }
}

async function inspectSession(session: ListingSession, limits: InspectionLimits): Promise<Result<Inspection, InspectionRefusal>> {
  try {
    const introduction = Buffer.from(session.introduction);
    const capabilities = textAt(introduction, ['capabilities']) ?? '{}';
    const tools = await listTools(session, limits);
    if (!tools.ok) return tools;
    const instructions = textAt(introduction, ['instructions']);
    return ok({
      eras: session.eras,
      protocolVersions: session.protocolVersions,
      serverInfo: serverInfoOf(introduction),
      capabilities,
      instructions: instructions === undefined ? null : String(JSON.parse(instructions)),
      tools: tools.value,
    });
  } finally {
    await session.close();
  }
}

/** In the modern era a result names its server in `_meta`. */
function serverInfoOf(introduction: Buffer): string {
  return textAt(introduction, ['serverInfo']) ?? textAt(introduction, ['_meta', 'io.modelcontextprotocol/serverInfo']) ?? '{}';
}

async function listTools(session: ListingSession, limits: InspectionLimits): Promise<Result<readonly string[], InspectionRefusal>> {
  const tools: string[] = [];
  const cursors = new Set<string>();
  let bytes = 0;
  let cursor: string | undefined;
  for (let page = 0; page < limits.pages; page += 1) {
    const answer = await session.ask('tools/list', cursor === undefined ? {} : { cursor });
    if (!answer.ok) return answer;
    const listed = readPage(answer.value);
    if (!listed.ok) return listed;
    tools.push(...listed.value.tools);
    bytes += listed.value.tools.reduce((sum, tool) => sum + tool.length, 0);
    if (tools.length > limits.tools) return refuse(tooLarge(`more than ${limits.tools} tools`));
    if (bytes > limits.listBytes) return refuse(tooLarge(`more than ${limits.listBytes} bytes of tools`));
    cursor = listed.value.nextCursor;
    if (cursor === undefined || cursors.has(cursor)) return ok(tools);
    cursors.add(cursor);
  }
  return refuse(tooLarge(`its tools on more than ${limits.pages} pages`));
}

interface Page {
  readonly tools: readonly string[];
  readonly nextCursor: string | undefined;
}

function readPage(answer: RpcAnswer): Result<Page, InspectionRefusal> {
  const result = resultOf(answer);
  if (result === undefined) return answeredWithError(answer);
  const array = Array.isArray(result['tools']) ? spanAt(answer.bytes, ['result', 'tools']) : undefined;
  if (array === undefined) return refuse(notAList());
  const tools = elementSpans(answer.bytes, array).map((span) => answer.bytes.toString('utf8', span.start, span.end));
  const { nextCursor } = result;
  return ok({ tools, nextCursor: typeof nextCursor === 'string' ? nextCursor : undefined });
}

/** A server without tools may say "method not found": it has an empty list. */
function answeredWithError(answer: RpcAnswer): Result<Page, InspectionRefusal> {
  const error = answer.value['error'];
  const code = isJsonObject(error) ? error['code'] : undefined;
  return code === -32601 ? ok({ tools: [], nextCursor: undefined }) : refuse(refusalOfRpcError('tools/list', code));
}

function textAt(bytes: Buffer, path: readonly string[]): string | undefined {
  const span = spanAt(bytes, path);
  return span === undefined ? undefined : bytes.toString('utf8', span.start, span.end);
}
