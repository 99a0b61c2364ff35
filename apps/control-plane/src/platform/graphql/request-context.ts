import type { Caller, Credentials } from '../identity/caller.js';

/** What resolvers know of the request. */
export interface RequestContext {
  /** Absent for a request without a token; a wrong token is refused before any resolver runs. */
  readonly caller: Caller | undefined;
  /** Of a connection for subscriptions, where the caller is looked up again for what is delivered. */
  readonly credentials?: Credentials | undefined;
}

/** What of a request says who sent it. */
export interface RequestOf {
  readonly rawHeaders: readonly string[];
  readonly socket?: { readonly remoteAddress?: string | undefined } | undefined;
}

const ORGANISATION_HEADER = 'sallyport-organisation';

/** What a request's headers say. `repeated` when a header that must be there once comes twice. */
export function credentialsOf(request: RequestOf): Credentials | 'none' | 'repeated' {
  const authorization = valuesOf(request, 'authorization');
  const organisation = valuesOf(request, ORGANISATION_HEADER);
  if (authorization.length > 1 || organisation.length > 1) return 'repeated';
  const [value] = authorization;
  if (value === undefined) return 'none';
  return { authorization: value, organisation: organisation[0], source: sourceOf(request) };
}

/** The address that a request came from; `null` where it is not known. */
export function sourceOf({ socket }: RequestOf): string | null {
  return socket?.remoteAddress ?? null;
}

/** Node keeps the first of two equal headers and hides the second, so the raw list is read. */
function valuesOf(request: RequestOf, name: string): readonly string[] {
  const values: string[] = [];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const value = request.rawHeaders[at + 1];
    if (request.rawHeaders[at]?.toLowerCase() === name && value !== undefined) values.push(value);
  }
  return values;
}
