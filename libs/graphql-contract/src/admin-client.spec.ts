import { describe, expect, it } from 'vitest';

import { AdminClient } from './admin-client.js';
import { TypedDocumentString } from './generated.js';

const REVISION = new TypedDocumentString<{ readonly revision: number }, Record<string, never>>('{ revision }');

/** Asks a control plane that refuses with one error. */
function refusedWith(code: string, status = 200): Promise<unknown> {
  const fetch = () => Promise.resolve(Response.json({ data: null, errors: [{ message: 'No.', extensions: { code } }] }, { status }));
  return new AdminClient({ url: 'http://127.0.0.1:1', token: 'sp_usr_x', fetch }).run(REVISION, {});
}

describe('what the control plane refuses', () => {
  it.each([
    ['bad_input', 'admin_api.bad_request'],
    ['bad_request', 'admin_api.bad_request'],
    ['graphql_parse_failed', 'admin_api.bad_request'],
    ['graphql_validation_failed', 'admin_api.bad_request'],
    ['unauthenticated', 'admin_api.unauthenticated'],
    ['forbidden', 'admin_api.forbidden'],
    ['unavailable', 'admin_api.unavailable'],
    ['internal', 'admin_api.failed'],
  ])('as %s is the fault %s', async (code, fault) => {
    await expect(refusedWith(code)).rejects.toMatchObject({ code: fault, message: 'No.' });
  });
});

describe('an answer that is not of the admin API', () => {
  const answeredWith = (status: number): Promise<unknown> => new AdminClient({ url: 'http://127.0.0.1:1', token: 'sp_usr_x', fetch: () => Promise.resolve(new Response('<html>', { status })) }).run(REVISION, {});

  it.each([502, 503, 504])('says with %i that it is to be asked again: the control plane is starting, or away behind a proxy', async (status) => {
    await expect(answeredWith(status)).rejects.toMatchObject({ code: 'admin_api.unavailable', message: expect.stringContaining(`HTTP ${status}). Try again`) });
  });

  it.each([200, 404, 500])('is told as that with %i', async (status) => {
    await expect(answeredWith(status)).rejects.toMatchObject({ code: 'admin_api.failed', message: expect.stringContaining("not Sallyport's admin API") });
  });
});
