import type { Clock } from '@sallyport/kernel';
import { needsRenewal, readCliFile, writeCliFile } from '@sallyport/service-host';

import type { Bootstrap } from '../bootstrap.js';
import type { OperatorToken } from '../first-run.js';

/** What keeping the operator's token needs. */
export interface AdminTokenParts {
  readonly bootstrap: Pick<Bootstrap, 'firstRun' | 'renewAdminToken'>;
  readonly clock: Clock;
  /** The folder that `cli.json` is in. */
  readonly folder: string;
  /** Where the CLI finds this control plane. */
  readonly url: string;
  /** Where the CLI finds the gateway; absent where it shares the control plane's address. */
  readonly gatewayUrl?: string;
  /** Whether a token that is gone or ends soon is made anew; otherwise only the very first one is made and kept. */
  readonly renews: boolean;
}

/**
 * Makes the first organisation where there is none, and sees to it that the folder's owner has a working admin token in `cli.json`.
 *
 * @returns the first run's token, to be shown once; `null` on every later start.
 */
export async function keepAdminToken(parts: AdminTokenParts): Promise<OperatorToken | null> {
  const first = await parts.bootstrap.firstRun();
  const kept = readCliFile(parts.folder);
  const renews = parts.renews && needsRenewal(kept, parts.clock.now());
  const made = first ?? (renews ? await parts.bootstrap.renewAdminToken() : null);
  const place = { url: parts.url, ...(parts.gatewayUrl === undefined ? {} : { gatewayUrl: parts.gatewayUrl }) };
  if (made !== null) writeCliFile(parts.folder, { ...place, token: made.token, expiresAt: new Date(made.expiresAt).toISOString() });
  else if (kept !== undefined && (kept.url !== parts.url || kept.gatewayUrl !== parts.gatewayUrl)) {
    writeCliFile(parts.folder, { ...place, token: kept.token, expiresAt: kept.expiresAt });
  }
  return first;
}
