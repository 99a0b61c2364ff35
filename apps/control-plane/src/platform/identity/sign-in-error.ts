import { GraphQLError } from 'graphql';

import type { SignInRefusal } from './authenticator.js';

/** The answer to a request that stands for nobody, or for somebody who may not. HTTP 401 and 403. */
export function signInError(refusal: SignInRefusal): GraphQLError {
  return refusal === 'unauthenticated'
    ? new GraphQLError('Sign in with a valid admin token: `Authorization: Bearer sp_usr_…`.', {
        extensions: { code: 'unauthenticated', http: { status: 401 } },
      })
    : new GraphQLError('Your token does not allow this.', { extensions: { code: 'forbidden', http: { status: 403 } } });
}
