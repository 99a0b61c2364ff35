import { readFileSync } from 'node:fs';

/** The version of this gateway, as its package says. */
export const GATEWAY_VERSION: string = versionIn(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

function versionIn(text: string): string {
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}
