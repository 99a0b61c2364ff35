import { readFile } from 'node:fs/promises';

import type { TokenSource } from './config/kafka-config.js';
import { kafkaFault } from './kafka-faults.js';

const FETCH_TIMEOUT_MS = 5_000;
/** A token this near its end is not used for a new connection. */
const MARGIN_MS = 30_000;

/**
 * Gives the token for a new connection: the file as it is now, or one from the endpoint that is kept until shortly before its end.
 *
 * @param monotonicMs Where durations are measured.
 * @returns Rejects with `kafka.no_token`, which holds neither the token nor the client's secret.
 */
export function tokenProvider(source: TokenSource, monotonicMs: () => number = () => performance.now()): () => Promise<string> {
  if (source.kind === 'file') return () => fileToken(source.path);
  let kept: { readonly token: string; readonly untilMs: number } | null = null;
  return async () => {
    if (kept === null || monotonicMs() >= kept.untilMs) {
      const { token, livesMs } = await grantedToken(source);
      kept = { token, untilMs: monotonicMs() + livesMs - MARGIN_MS };
    }
    return kept.token;
  };
}

async function fileToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw kafkaFault.no_token(`the token file ${path} cannot be read`, {}, cause);
  }
}

async function grantedToken(source: Extract<TokenSource, { kind: 'endpoint' }>): Promise<{ readonly token: string; readonly livesMs: number }> {
  const credentials = Buffer.from(`${encodeURIComponent(source.clientId)}:${encodeURIComponent(source.clientSecret)}`).toString('base64');
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(source.scope === null ? {} : { scope: source.scope }) });
  const headers = { authorization: `Basic ${credentials}`, accept: 'application/json' };
  let answer: unknown;
  let status = 0;
  try {
    const response = await fetch(source.url, { method: 'POST', body, headers, redirect: 'error', signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    status = response.status;
    answer = await response.json();
  } catch (cause) {
    throw kafkaFault.no_token(`the token endpoint ${source.url} did not answer with JSON (status ${status})`, {}, cause);
  }
  return readGrant(source.url, status, answer);
}

function readGrant(url: string, status: number, answer: unknown): { readonly token: string; readonly livesMs: number } {
  const grant = typeof answer === 'object' && answer !== null ? (answer as { readonly access_token?: unknown; readonly expires_in?: unknown }) : {};
  if (status !== 200 || typeof grant.access_token !== 'string') throw kafkaFault.no_token(`the token endpoint ${url} gave no token (status ${status})`);
  return { token: grant.access_token, livesMs: typeof grant.expires_in === 'number' ? grant.expires_in * 1_000 : 0 };
}
