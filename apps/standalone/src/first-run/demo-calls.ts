import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Clock } from '@sallyport/kernel';
import { DEMO_SERVER, startFault } from '@sallyport/service-host';

import type { DemoCall } from '../output/start-reporter.js';

/** What the demonstration needs of its surroundings. */
export interface DemoCallParts {
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<void>;
  readonly fetch: typeof fetch;
}

interface DecisionMeta {
  readonly decisionId: string;
  readonly ruleId: string;
  readonly reasonCode: string;
}

const MINUTE_MS = 60_000;
/** All three calls fit into one minute's window when at least this much of it is left. */
const ROOM_MS = 5_000;

/** Three real calls through the gateway: `echo` allowed, `get-env` denied, `echo` again over its limit. */
export async function makeDemoCalls(parts: DemoCallParts, seen: (call: DemoCall) => void): Promise<void> {
  const left = MINUTE_MS - (parts.clock.now() % MINUTE_MS);
  if (left < ROOM_MS) await parts.pause(left);
  let headers = new Headers();
  const fetching: typeof fetch = async (input, init) => {
    const response = await parts.fetch(input, init);
    if (response.headers.has('sallyport-decision-id')) headers = response.headers;
    return response;
  };
  const transport = new StreamableHTTPClientTransport(new URL(parts.url), {
    fetch: fetching,
    requestInit: { headers: { authorization: `Bearer ${parts.token}` } },
  });
  const client = new Client({ name: 'sallyport-first-run', version: '0.1.0' });
  await client.connect(transport as Parameters<Client['connect']>[0]);
  const call = async (tool: string, args: Record<string, unknown>): Promise<DemoCall> => {
    const result = await client.callTool({ name: tool, arguments: args });
    return demoCall(tool, result._meta?.['sallyport/decision'] as DecisionMeta | undefined, headers);
  };
  try {
    const calls = [await call('echo', { message: 'hello' }), await call('get-env', {}), await call('echo', { message: 'again' })];
    calls.forEach(seen);
    expectOutcomes(calls);
  } finally {
    await client.close();
  }
}

function demoCall(tool: string, meta: DecisionMeta | undefined, headers: Headers): DemoCall {
  const decisionId = meta?.decisionId ?? headers.get('sallyport-decision-id') ?? '';
  const ruleId = meta?.ruleId ?? headers.get('sallyport-rule-id');
  const outcome = meta === undefined ? 'allowed' : meta.reasonCode === 'limit_exceeded' ? 'limited' : 'denied';
  return { server: DEMO_SERVER, tool, outcome, decisionId, ruleId };
}

function expectOutcomes(calls: readonly DemoCall[]): void {
  const outcomes = calls.map(({ outcome }) => outcome).join(' ');
  if (outcomes !== 'allowed denied limited') {
    throw startFault.demo_failed(`The demonstration calls came back ${outcomes} instead of allowed, denied, limited.`);
  }
}
