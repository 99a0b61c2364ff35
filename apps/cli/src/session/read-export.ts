import { cliFault } from '../cli-faults.js';
import type { Session } from './credentials.js';
import { adminFault } from '@sallyport/graphql-contract';

/** What is exported: event numbers, both ends included. */
export interface ExportQuery {
  readonly from?: number;
  readonly to?: number;
  readonly format: string;
  readonly deployment: boolean;
}

/** An export that has begun. */
export interface ExportAnswer {
  /** How many events it has. */
  readonly count: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Asks the control plane for audit events as lines.
 *
 * @throws {Fault} `admin_api.unreachable`, `.unauthenticated`, `.forbidden`, `.bad_request`, `.failed`; while it is read `cli.call_failed` when it is cut off.
 */
export async function readExport({ url, token, organisation }: Session, query: ExportQuery): Promise<ExportAnswer> {
  const address = new URL('/audit/export', url);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value));
  const headers = { authorization: `Bearer ${token ?? ''}`, ...(organisation === undefined ? {} : { 'sallyport-organisation': organisation }) };
  const response = await fetch(address, { headers, redirect: 'error' }).catch((cause: unknown) => {
    throw adminFault.unreachable(`Nothing answers at ${url}: is Sallyport running there?`, {}, cause);
  });
  if (response.status !== 200 || response.body === null) throw await refusalOf(response);
  const [first, last] = [numberIn(response, 'sallyport-first-seq'), numberIn(response, 'sallyport-last-seq')];
  return { count: last - first + 1, chunks: whole(response.body) };
}

async function* whole(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw cliFault.call_failed('The export was cut off: what was written is not whole. Try again.', {}, cause);
  }
}

async function refusalOf(response: Response): Promise<Error> {
  const body: unknown = await response.json().catch(() => ({}));
  const message = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : '';
  if (response.status === 401) return adminFault.unauthenticated('Sign in with a valid admin token.');
  if (response.status === 403) return adminFault.forbidden('Audit events are for auditors and admins, and those of the deployment for operators.');
  return response.status === 400 ? adminFault.bad_request(message) : adminFault.failed(`The export was not begun (HTTP ${response.status}).`);
}

function numberIn(response: Response, header: string): number {
  const value = Number(response.headers.get(header) ?? Number.NaN);
  if (!Number.isSafeInteger(value)) throw adminFault.failed('What answers there is not Sallyport\'s control plane.');
  return value;
}
