import { adminFault } from '@sallyport/graphql-contract';

/** Whether a deployment may take traffic, and what it lacks. */
export interface Readiness {
  readonly ready: boolean;
  readonly missing: readonly string[];
}

const TIMEOUT_MS = 5_000;

/** Asks `/readyz`. @throws {Fault} `admin_api.unreachable` when nothing answers there, `admin_api.failed` when it is something else. */
export async function readReadiness(url: string): Promise<Readiness> {
  const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' }).catch((cause: unknown) => {
    throw adminFault.unreachable(`Nothing answers at ${url}: is Sallyport running there?`, {}, cause);
  });
  const body = (await response.json().catch(() => undefined)) as { missing?: unknown } | undefined; // no JSON: reported below as not ours
  if (body === undefined || !Array.isArray(body.missing)) throw adminFault.failed(`What answers at ${url} is not Sallyport.`);
  return { ready: response.ok, missing: body.missing.map(String) };
}
