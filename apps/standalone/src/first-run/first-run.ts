import { keepAdminToken } from '@sallyport/control-plane';
import type { Clock } from '@sallyport/kernel';

import type { Deployment } from '../compose.js';
import type { StartReporter } from '../output/start-reporter.js';
import { demonstrate } from './demonstrate.js';

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
export async function welcomeOwner({ deployment, reporter, clock, dataFolder, url, fetch, demo }: FirstRunParts): Promise<boolean> {
  const { bootstrap } = deployment.controlPlane;
  const first = await keepAdminToken({ bootstrap, clock, folder: dataFolder, url, renews: true });
  const registered = await bootstrap.registerStdioServers();
  if (first === null) return false;
  reporter.adminToken(first.token);
  if (demo) await demonstrate({ reporter, clock, adminUrl: url, gatewayUrl: url, token: first.token, fetch, registered });
  return true;
}
