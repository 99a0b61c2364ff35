import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { EpochMs } from '@sallyport/kernel';

/** What the CLI finds in the data folder: where the deployment is, and the operator's admin token. */
export interface CliFile {
  readonly url: string;
  /** Where the gateway is; absent where it shares the address. */
  readonly gatewayUrl?: string;
  readonly token: string;
  readonly expiresAt: string;
}

const RENEW_WITHIN_MS = 14 * 24 * 60 * 60 * 1_000;

/** Reads `cli.json`; undefined when it is missing or unreadable, so that a new token is made. */
export function readCliFile(dataFolder: string): CliFile | undefined {
  const file = join(dataFolder, 'cli.json');
  if (!existsSync(file)) return undefined;
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<CliFile>;
    if (typeof kept.token !== 'string' || typeof kept.expiresAt !== 'string') return undefined;
    const gateway = kept.gatewayUrl === undefined ? {} : { gatewayUrl: kept.gatewayUrl };
    return { url: kept.url ?? '', ...gateway, token: kept.token, expiresAt: kept.expiresAt };
  } catch {
    return undefined; // damaged: the start by the folder's owner writes it anew
  }
}

/** Whether the kept token is gone, expired, or has under 14 days left. */
export function needsRenewal(kept: CliFile | undefined, now: EpochMs): boolean {
  return kept === undefined || Date.parse(kept.expiresAt) - now < RENEW_WITHIN_MS;
}

/** Writes `cli.json` whole, mode 0600. */
export function writeCliFile(dataFolder: string, content: CliFile): void {
  const half = join(dataFolder, '.cli.json.half');
  writeFileSync(half, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(half, join(dataFolder, 'cli.json'));
}
