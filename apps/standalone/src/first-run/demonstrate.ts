import { setTimeout as pause } from 'node:timers/promises';

import { AdminClient } from '@sallyport/graphql-contract';
import type { Clock } from '@sallyport/kernel';
import { DEMO_SERVER, startFault } from '@sallyport/service-host';

import type { StartReporter } from '../output/start-reporter.js';
import { makeDemoCalls } from './demo-calls.js';
import { makeDemoData } from './demo-data.js';

/** What a demonstration is made of. */
export interface DemonstrationParts {
  readonly reporter: StartReporter;
  readonly clock: Clock;
  /** Where the admin API is, and where this machine reaches the gateway: base URLs. */
  readonly adminUrl: string;
  readonly gatewayUrl: string;
  /** The operator's token. */
  readonly token: string;
  readonly fetch: typeof fetch;
  /** What became of the processes that the operator's file names. */
  readonly registered: readonly { readonly slug: string; readonly problem: string | null }[];
}

/**
 * Makes the demonstration and its three calls, where the operator's file names its server.
 *
 * @throws {Fault} `start.demo_failed`.
 */
export async function demonstrate(parts: DemonstrationParts): Promise<void> {
  const { reporter, clock, fetch } = parts;
  const server = parts.registered.find(({ slug }) => slug === DEMO_SERVER);
  if (server === undefined) return reporter.step(`No demonstration: the operator's file names no server ${DEMO_SERVER}`);
  if (server.problem !== null) throw startFault.demo_failed(`The demonstration server ${DEMO_SERVER} cannot be used: ${server.problem}`);
  reporter.step(`Making a demonstration: server ${DEMO_SERVER}, an identity, a policy, a grant`);
  const grant = await makeDemoData(new AdminClient({ url: parts.adminUrl, token: parts.token, fetch }));
  reporter.step('Calling it three times through the gateway');
  const url = new URL(`/mcp/${DEMO_SERVER}`, parts.gatewayUrl).href;
  await makeDemoCalls({ url, token: grant.token, clock, pause, fetch }, (call) => reporter.demoCall(call));
  const entry = { type: 'http', url: grant.url, headers: { Authorization: `Bearer ${grant.token}` } } as const;
  reporter.clientConfig({ mcpServers: { [DEMO_SERVER]: entry } });
}
