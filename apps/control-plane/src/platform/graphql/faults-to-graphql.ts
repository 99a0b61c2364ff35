import { randomUUID } from 'node:crypto';

import { unwrapResolverError } from '@apollo/server/errors';
import { isFault, type FaultKind } from '@sallyport/kernel';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';

import { isDatabaseAway } from '../persistence/is-away.js';

/** Codes of Apollo and of graphql-js whose messages are about the request alone and may be shown; ours beside them. */
const SHOWN_CODES: Readonly<Record<string, string>> = {
  GRAPHQL_PARSE_FAILED: 'graphql_parse_failed',
  GRAPHQL_VALIDATION_FAILED: 'graphql_validation_failed',
  BAD_USER_INPUT: 'bad_input',
  BAD_REQUEST: 'bad_request',
  OPERATION_RESOLUTION_FAILURE: 'bad_request',
  PERSISTED_QUERY_NOT_FOUND: 'bad_request',
  PERSISTED_QUERY_NOT_SUPPORTED: 'bad_request',
  unauthenticated: 'unauthenticated',
  forbidden: 'forbidden',
  bad_input: 'bad_input',
  not_found: 'not_found',
  too_many_streams: 'too_many_streams',
  stream_too_slow: 'stream_too_slow',
};

/** GraphQL's error code for each kind of fault, where the fault's own code says no more to a caller. */
export const GRAPHQL_CODE = {
  input: 'bad_input',
  access: 'forbidden',
  state: 'conflict',
  limit: 'limit_exceeded',
  upstream: 'unavailable',
  invariant: 'internal',
} as const satisfies Record<FaultKind, string>;

/** A change whose answer was lost may have been made: its idempotency key tells. */
const DATABASE_AWAY = 'The database does not answer. Try again in a moment, a change with the same idempotency key.';

/**
 * Makes errors fit to be shown: refusals of the request as they are, faults by their public sentence, everything else
 * as `internal` with a reference under which the log has the whole.
 */
export function formatGraphqlError(log: Logger): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const place = { ...(formatted.path && { path: formatted.path }), ...(formatted.locations && { locations: formatted.locations }) };
    const cause = causeOf(error);
    if (isFault(cause)) {
      const reference = noteFault(log, cause, cause.spec.kind === 'invariant' ? 'error' : 'warn');
      return { ...place, message: cause.spec.publicText, extensions: { code: GRAPHQL_CODE[cause.spec.kind], reference } };
    }
    const code = SHOWN_CODES[String(formatted.extensions?.['code'])];
    if (code !== undefined && cause instanceof GraphQLError) return { ...place, message: formatted.message, extensions: { code } };
    if (isDatabaseAway(cause)) return { ...place, message: DATABASE_AWAY, extensions: { code: 'unavailable', reference: noteFault(log, cause, 'warn') } };
    const reference = noteFault(log, cause, 'error');
    return { ...place, message: `Something went wrong here. Reference: ${reference}`, extensions: { code: 'internal', reference } };
  };
}

function causeOf(error: unknown): unknown {
  const cause = unwrapResolverError(error);
  return cause instanceof GraphQLError && cause.originalError !== undefined && !(cause.originalError instanceof GraphQLError)
    ? cause.originalError
    : cause;
}

function noteFault(log: Logger, cause: unknown, level: 'warn' | 'error'): string {
  const reference = randomUUID();
  log[level]({ event: 'graphql.failed', reference, err: cause }, 'a GraphQL request failed');
  return reference;
}
