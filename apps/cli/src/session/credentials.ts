import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { cliFault } from '../cli-faults.js';
import type { GlobalFlags } from '../global-flags.js';
import type { Terminal } from '../terminal.js';

/** Where to sign in and with what; kept in `cli.json` by a start, and by `sallyport login`. */
export interface Credentials {
  readonly url: string;
  /** Where the gateway is; absent where it shares the address. */
  readonly gatewayUrl?: string;
  readonly token: string;
}


/** Where the deployment is and as whom to ask; `token` may be absent where a command does not need it. */
export interface Session {
  readonly url: string;
  /** Where the gateway is. */
  readonly gatewayUrl: string;
  readonly token: string | undefined;
  readonly organisation: string | undefined;
}

type Kept = { readonly [Member in keyof Credentials]?: unknown };

const DEFAULT_URL = 'http://127.0.0.1:7400';

/**
 * Flags first, then `SALLYPORT_URL` and `SALLYPORT_TOKEN`, then the `cli.json` of a deployment in `SALLYPORT_DATA` or the
 * working folder, then what `sallyport login` kept.
 */
export function findSession(flags: GlobalFlags, terminal: Terminal): Session {
  const kept = readKept(terminal);
  const url = flags.url ?? terminal.environment['SALLYPORT_URL'];
  const token = flags.token ?? terminal.environment['SALLYPORT_TOKEN'];
  const place = url ?? kept?.url ?? DEFAULT_URL;
  const known = isKeptFor(kept, url) ? kept : undefined;
  return {
    url: place,
    gatewayUrl: terminal.environment['SALLYPORT_GATEWAY_URL'] ?? known?.gatewayUrl ?? place,
    token: token === undefined ? known?.token : readSecret(token),
    organisation: flags.org,
  };
}

/** Keeps credentials for later commands, readable by their owner alone. */
export function keepCredentials(credentials: Credentials, terminal: Terminal): string {
  const file = loginFile(terminal);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  return file;
}

/** `@FILE` reads the secret from the file; anything else is the secret. */
export function readSecret(given: string): string {
  return given.startsWith('@') ? readText(given.slice(1)).trim() : given;
}

/** A file's text. @throws {Fault} `cli.unreadable_file` naming it. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw cliFault.unreadable_file(`${path} cannot be read: check the path and its access.`, {}, cause);
  }
}

/** What was kept belongs to the deployment it was kept for: a token is not sent to another address. */
function isKeptFor(kept: Credentials | undefined, url: string | undefined): boolean {
  return kept !== undefined && (url === undefined || new URL(url).origin === new URL(kept.url).origin);
}

function readKept(terminal: Terminal): Credentials | undefined {
  const data = terminal.environment['SALLYPORT_DATA'] ?? '.sallyport';
  for (const file of [join(resolve(terminal.folder, data), 'cli.json'), loginFile(terminal)]) {
    if (existsSync(file)) return parseKept(file);
  }
  return undefined;
}

function parseKept(file: string): Credentials {
  const kept = parseObject(readText(file));
  const { url, token, gatewayUrl } = kept ?? {};
  if (typeof url === 'string' && typeof token === 'string' && URL.canParse(url)) {
    return { url, token, ...(typeof gatewayUrl === 'string' && URL.canParse(gatewayUrl) ? { gatewayUrl } : {}) };
  }
  throw cliFault.unreadable_file(`${file} does not hold an address and a token: remove it and sign in again with sallyport login URL.`);
}

function parseObject(text: string): Kept | undefined {
  try {
    return JSON.parse(text) as Kept;
  } catch {
    return undefined; // reported by the caller with the file's name
  }
}

function loginFile(terminal: Terminal): string {
  return join(terminal.environment['XDG_CONFIG_HOME'] ?? join(terminal.home, '.config'), 'sallyport', 'cli.json');
}
