import { readFileSync } from 'node:fs';

import { Agent, fetch as undiciFetch } from 'undici';

import type { TlsFiles } from '../config/service-config.js';

/** `fetch` for asking this process's own listener: where it has TLS, its own certificate is the one that is trusted, whatever names are on it. */
export function ownFetch(tls: TlsFiles | null): typeof fetch {
  if (tls === null) return fetch;
  const dispatcher = new Agent({ connect: { ca: readFileSync(tls.certFile), checkServerIdentity: () => undefined } });
  const asking = (input: string | URL, init?: object): Promise<unknown> => undiciFetch(input, { ...init, dispatcher });
  return asking as typeof fetch;
}
