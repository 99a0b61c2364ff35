import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

import { GRAPHQL_PATH } from '../graphql/graphql-options.js';
import { GRAPHQL_LIMITS } from '../graphql/request-limits.js';
import { nestLog } from './nest-log.js';
import { SilentAdapter } from './silent-adapter.js';

/** What answers a request of the caller's server. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** What an application is opened with. */
export interface ApplicationParts {
  readonly module: DynamicModule;
  readonly log: Logger;
  /** Adds routes beside GraphQL's. */
  readonly routes: (fastify: FastifyInstance) => void;
  /** Where records come from that controllers take; `null` where nothing comes. */
  readonly transport: CustomTransportStrategy | null;
}

/** A Nest application that listens nowhere. */
export interface OpenApplication {
  readonly nest: NestFastifyApplication;
  readonly handler: RequestHandler;
}

/**
 * Starts Nest on Fastify without a listener: the caller's server hands requests over. Only `application/json` is read as
 * a body, so that no form or plain text of another site is ever a GraphQL request.
 */
export async function openApplication({ module, log, routes, transport }: ApplicationParts): Promise<OpenApplication> {
  let handler: RequestHandler | undefined;
  const adapter = new SilentAdapter({
    bodyLimit: GRAPHQL_LIMITS.bodyBytes,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    frameworkErrors: refuseAddress,
    serverFactory: (handle: RequestHandler) => {
      handler = handle;
      return createServer();
    },
  });
  const nest = await NestFactory.create<NestFastifyApplication>(module, adapter, { logger: nestLog(log), bodyParser: false, abortOnError: false });
  const fastify = nest.getHttpAdapter().getInstance();
  fastify.removeContentTypeParser('text/plain');
  fastify.addHook('onRequest', async (request, reply) => {
    if (request.url.split('?', 1)[0] === GRAPHQL_PATH && request.method !== 'POST') {
      await reply.code(405).header('allow', 'POST').send({ error: 'GraphQL is asked by POST.' });
    }
  });
  routes(fastify);
  if (transport !== null) nest.connectMicroservice({ strategy: transport });
  await nest.init();
  await fastify.ready();
  if (handler === undefined) throw new Error('Fastify did not ask for a server');
  return { nest, handler };
}

/** Answers an address that cannot be read; Fastify's own answer would say it back. */
function refuseAddress(_error: Error, _request: unknown, { raw }: { readonly raw: Pick<ServerResponse, 'writeHead' | 'end'> }): void {
  raw.writeHead(400, { 'content-type': 'application/json' });
  raw.end('{"error":"bad request"}');
}
