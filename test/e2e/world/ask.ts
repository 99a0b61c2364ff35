/** An answer of the admin API as it stands on the wire. */
export interface Asked {
  readonly status: number;
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** Asks the admin API in words of the test's own; for what the typed client would not send. */
export async function ask(at: { readonly url: string; readonly token?: string }, query: string, variables: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Asked> {
  const own: Record<string, string> = at.token === undefined ? {} : { authorization: `Bearer ${at.token}` };
  const response = await fetch(new URL('/graphql', at.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...own, ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const { data, errors = [] } = JSON.parse(text) as Partial<Asked>;
  return { status: response.status, text, data, errors };
}
