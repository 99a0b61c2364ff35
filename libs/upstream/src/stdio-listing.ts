import type { ProtocolEra } from '@sallyport/domain-events';
import { ok, refuse, type Result, type Scheduler } from '@sallyport/kernel';
import type { StdioEntry } from '@sallyport/operator-file';

import type { Introduction } from './introduction.js';
import type { InspectionRefusal } from './inspection.js';
import { refusalOfKind } from './inspection-refusals.js';
import { withModernMeta, type ListingSession } from './listing-session.js';
import { readAnswer, type RpcAnswer } from './rpc-answer.js';
import { spanAt } from './json-span.js';
import { StdioServer, type StdioLimits } from './stdio-server.js';

/** What opening a process for inspection needs. */
export interface StdioListingOptions {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly scheduler: Scheduler;
  readonly limits?: Partial<StdioLimits>;
}

/** Starts a process of its own to be asked; a modern one is started once more to see whether it also speaks the legacy era. */
export async function openStdioListing(entry: StdioEntry, options: StdioListingOptions): Promise<Result<ListingSession, InspectionRefusal>> {
  const server = processOf(entry, 'probe', options);
  const introduced = await server.introduce();
  if (!introduced.ok) {
    await server.stop();
    return refuse(introduced.refusal === 'timeout' ? SILENT : NOT_STARTED);
  }
  const legacy = introduced.value.era === 'modern' ? await alsoLegacy(entry, options) : undefined;
  return ok(sessionOf(server, introduced.value, legacy, options));
}

const NOT_STARTED: InspectionRefusal = {
  code: 'not_started',
  message: "The server's process could not be started, or ended before it spoke MCP. Check its command, arguments and environment in sallyport.yaml.",
};
const SILENT: InspectionRefusal = {
  code: 'timeout',
  message: "The server's process was started but did not speak MCP in time. Check its command, arguments and environment in sallyport.yaml.",
};

function processOf(entry: StdioEntry, era: ProtocolEra | 'probe', options: StdioListingOptions): StdioServer {
  const limits = { ...options.limits, maxLineBytes: options.maxBytes };
  return new StdioServer(entry, { era, limits, scheduler: options.scheduler });
}

async function alsoLegacy(entry: StdioEntry, options: StdioListingOptions): Promise<Introduction | undefined> {
  const server = processOf(entry, 'legacy', options);
  const introduced = await server.introduce();
  await server.stop();
  return introduced.ok ? introduced.value : undefined;
}

function sessionOf(
  server: StdioServer,
  main: Introduction,
  legacy: Introduction | undefined,
  options: StdioListingOptions,
): ListingSession {
  const versions = new Set([...main.protocolVersions, ...(legacy?.protocolVersions ?? [])]);
  return {
    eras: legacy === undefined ? [main.era] : [main.era, legacy.era],
    protocolVersions: [...versions].sort().reverse(),
    introduction: main.result,
    ask: (method, params) => askStdio(server, { method, params: main.era === 'modern' ? withModernMeta(params) : params }, options),
    close: () => server.stop(),
  };
}

interface Question {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

function askStdio(server: StdioServer, question: Question, options: StdioListingOptions): Promise<Result<RpcAnswer, InspectionRefusal>> {
  const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 0, ...question }));
  return new Promise((resolve) => {
    const finish = (outcome: Result<RpcAnswer, InspectionRefusal>): void => {
      callOff();
      resolve(outcome);
    };
    const callOff = options.scheduler.after(options.timeoutMs, () => {
      call.abort();
      finish(refuse(refusalOfKind('timeout')));
    });
    const call = server.request(
      { bytes, spans: { id: spanAt(bytes, ['id']) ?? null, progressToken: null } },
      {
        onResponse: (message) => {
          const answer = readAnswer(message, 0);
          finish(answer === undefined ? refuse(refusalOfKind('unframeable')) : ok(answer));
        },
        onError: (kind) => finish(refuse(refusalOfKind(kind))),
      },
    );
  });
}
