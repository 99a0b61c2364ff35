import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import { parse, specifiedRules, validate, getOperationAST, GraphQLError, type ExecutionArgs, type GraphQLFormattedError, type GraphQLSchema, type ValidationRule } from 'graphql';
import { handleProtocols, type Context, type SubscribePayload } from 'graphql-ws';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

import type { Authenticator } from '../identity/authenticator.js';
import type { Credentials } from '../identity/caller.js';
import { GRAPHQL_PATH } from './graphql-options.js';
import { credentialsOf, sourceOf, type RequestContext } from './request-context.js';
import { GRAPHQL_LIMITS } from './request-limits.js';

/** Longest message of a client, bytes. */
const MESSAGE_BYTES = 65_536;
const INIT_WAIT_MS = 5_000;

/** What subscriptions are served from. */
export interface SubscriptionParts {
  readonly server: Server;
  readonly schema: GraphQLSchema;
  readonly authenticator: Authenticator;
  readonly rules: readonly ValidationRule[];
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
}

interface SignedIn extends Record<PropertyKey, unknown> {
  signedIn?: RequestContext;
}
type Connection = Context<Record<string, unknown>, Extra & Partial<SignedIn>>;

/**
 * Serves graphql-ws on the caller's server: upgrades of `/graphql` only, and only subscriptions. A connection signs in
 * with the `Authorization` header, or with `authorization` among its connection parameters, where browsers can put it.
 *
 * @returns Ends every connection and stops taking new ones.
 */
export function serveSubscriptions(parts: SubscriptionParts): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES, handleProtocols });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (request.url?.split('?', 1)[0] !== GRAPHQL_PATH) return refuseUpgrade(parts.server, socket);
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request));
  };
  const serving = useServer<Record<string, unknown>, SignedIn>(
    {
      schema: parts.schema,
      connectionInitWaitTimeout: INIT_WAIT_MS,
      onConnect: async (connection) => signIn(parts.authenticator, connection),
      onSubscribe: (connection, _id, payload) => argumentsOf(parts, connection, payload),
      onError: (_connection, _id, _payload, errors) => errors.map((error) => parts.formatError(toFormatted(error), error)),
      onNext: (_connection, _id, _payload, _args, { data, errors }) =>
        errors === undefined ? undefined : { data: data ?? null, errors: errors.map((error) => parts.formatError(toFormatted(error), error)) },
    },
    sockets,
  );
  parts.server.on('upgrade', upgrade);
  return async () => {
    parts.server.off('upgrade', upgrade);
    await serving.dispose();
  };
}

/** Another listener may want the upgrade; when there is none, the socket would be left open. */
function refuseUpgrade(server: Server, socket: Duplex): void {
  if (server.listenerCount('upgrade') === 1) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

async function signIn(authenticator: Authenticator, connection: Connection): Promise<boolean> {
  const credentials = credentialsIn(connection);
  if (credentials === undefined) return false;
  const signedIn = await authenticator.authenticate(credentials);
  if (!signedIn.ok) return false;
  connection.extra.signedIn = { caller: signedIn.value, credentials };
  return true;
}

function credentialsIn(connection: Connection): Credentials | undefined {
  const fromHeaders = credentialsOf(connection.extra.request);
  if (fromHeaders === 'repeated') return undefined;
  if (fromHeaders !== 'none') return fromHeaders;
  const given = new Map(Object.entries(connection.connectionParams ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const authorization = given.get('authorization');
  const organisation = given.get('sallyport-organisation');
  if (typeof authorization !== 'string') return undefined;
  return { authorization, organisation: typeof organisation === 'string' ? organisation : undefined, source: sourceOf(connection.extra.request) };
}

function argumentsOf(parts: SubscriptionParts, connection: Connection, payload: SubscribePayload): ExecutionArgs | readonly GraphQLError[] {
  const { signedIn } = connection.extra;
  if (signedIn === undefined) return [badRequest('Sign in first.')];
  try {
    const document = parse(payload.query, { maxTokens: GRAPHQL_LIMITS.tokens });
    const operation = getOperationAST(document, payload.operationName);
    if (operation?.operation !== 'subscription') return [badRequest('Only subscriptions are served here; send others by POST.')];
    const errors = validate(parts.schema, document, [...specifiedRules, ...parts.rules], { hideSuggestions: true });
    if (errors.length > 0) return errors.map((error) => new GraphQLError(error.message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }));
    return {
      schema: parts.schema,
      document,
      operationName: payload.operationName ?? null,
      variableValues: payload.variables ?? null,
      contextValue: signedIn,
    };
  } catch (caught) {
    if (caught instanceof GraphQLError) return [badRequest(caught.message)];
    throw caught;
  }
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}

function toFormatted(error: GraphQLError | GraphQLFormattedError): GraphQLFormattedError {
  return error instanceof GraphQLError ? error.toJSON() : error;
}

