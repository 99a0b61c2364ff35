import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';

import type { Authenticator } from '../identity/authenticator.js';
import { signInError } from '../identity/sign-in-error.js';
import { formatGraphqlError } from './faults-to-graphql.js';
import { credentialsOf, sourceOf, type RequestContext, type RequestOf } from './request-context.js';
import { GRAPHQL_LIMITS, requestRules } from './request-limits.js';
import { scalarResolvers } from './scalars.js';

/** Where the GraphQL API is. */
export const GRAPHQL_PATH = '/graphql';

/** Every `.graphql` file of the app, in `src/` and, copied by the build, in `dist/`. */
export const SDL_FILES = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '**', '*.graphql');

/** How Apollo is set up: the SDL of all slices, one caller for each request, bounded requests, masked errors. */
export function graphqlOptions(parts: { authenticator: Authenticator; log: Logger; explorer: boolean }): ApolloDriverConfig {
  return {
    driver: ApolloDriver,
    typePaths: [SDL_FILES],
    path: GRAPHQL_PATH,
    resolvers: scalarResolvers,
    graphiql: false,
    // `requestRules` refuses introspection where there is no explorer, here and for subscriptions.
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    persistedQueries: false,
    preserveHttpStatusForExecutionErrors: false,
    autoTransformHttpErrors: false,
    validationRules: [...requestRules(parts.explorer)],
    parseOptions: { maxTokens: GRAPHQL_LIMITS.tokens },
    formatError: formatGraphqlError(parts.log),
    context: (request: { readonly raw: IncomingMessage }) => requestContext(parts.authenticator, request.raw),
  };
}

/** Whom a request stands for. @throws {GraphQLError} `unauthenticated` or `forbidden` for credentials that are not good. */
export async function requestContext(authenticator: Authenticator, request: RequestOf): Promise<RequestContext> {
  const credentials = credentialsOf(request);
  if (credentials === 'none') return { caller: undefined };
  if (credentials === 'repeated') {
    authenticator.noteRepeated(sourceOf(request));
    throw signInError('unauthenticated');
  }
  const signedIn = await authenticator.authenticate(credentials);
  if (!signedIn.ok) throw signInError(signedIn.refusal);
  return { caller: signedIn.value, credentials };
}
