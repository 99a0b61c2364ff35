import { setTimeout as pause } from 'node:timers/promises';

import type { OperatorToken } from '@sallyport/control-plane';
import { AdminClient } from '@sallyport/graphql-contract';
import type { Clock } from '@sallyport/kernel';
import { DEMO_SERVER, needsRenewal, readCliFile, startFault, writeCliFile } from '@sallyport/service-host';

import type { Deployment } from '../compose.js';
import type { StartReporter } from '../output/start-reporter.js';
import { makeDemoCalls } from './demo-calls.js';
import { makeDemoData } from './demo-data.js';

/** What the first run needs to know of the start it is part of. */
export interface FirstRunParts {
  readonly deployment: Deployment;
  readonly reporter: StartReporter;
  readonly clock: Clock;
  readonly dataFolder: string;
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly demo: boolean;
}

/**
 * Sees to it that the folder's owner has a working admin token in `cli.json`, and on the very first run makes the
 * demonstration and its three calls.
 *
 * @returns whether this was the first run.
 */
export async function welcomeOwner(parts: FirstRunParts): Promise<boolean> {
  const { bootstrap } = parts.deployment.controlPlane;
  const first = await bootstrap.firstRun();
  const kept = readCliFile(parts.dataFolder);
  const made = first ?? (needsRenewal(kept, parts.clock.now()) ? await bootstrap.renewAdminToken() : null);
  if (made !== null) keep(parts, made);
  else if (kept !== undefined && kept.url !== parts.url) writeCliFile(parts.dataFolder, { ...kept, url: parts.url });
  const registered = await bootstrap.registerStdioServers();
  if (first === null) return false;
  parts.reporter.adminToken(first.token);
  if (!parts.demo) return true;
  const demoServer = registered.find(({ slug }) => slug === DEMO_SERVER);
  if (demoServer === undefined) parts.reporter.step(`No demonstration: the operator's file names no server ${DEMO_SERVER}`);
  else if (demoServer.problem !== null) throw startFault.demo_failed(`The demonstration server ${DEMO_SERVER} cannot be used: ${demoServer.problem}`);
  else await demonstrate(parts, first.token);
  return true;
}

function keep(parts: FirstRunParts, made: OperatorToken): void {
  writeCliFile(parts.dataFolder, { url: parts.url, token: made.token, expiresAt: new Date(made.expiresAt).toISOString() });
}

async function demonstrate(parts: FirstRunParts, token: string): Promise<void> {
  const { reporter } = parts;
  reporter.step(`Making a demonstration: server ${DEMO_SERVER}, an identity, a policy, a grant`);
  const grant = await makeDemoData(new AdminClient({ url: parts.url, token, fetch: parts.fetch }));
  const own = new URL(`/mcp/${DEMO_SERVER}`, parts.url).href;
  reporter.step('Calling it three times through the gateway');
  await makeDemoCalls({ url: own, token: grant.token, clock: parts.clock, pause, fetch: parts.fetch }, (call) => reporter.demoCall(call));
  const server = { type: 'http', url: grant.url, headers: { Authorization: `Bearer ${grant.token}` } } as const;
  reporter.clientConfig({ mcpServers: { [DEMO_SERVER]: server } });
}
