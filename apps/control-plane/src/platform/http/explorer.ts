import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

import { getDistDirectory, renderAltair, renderInitSnippet } from 'altair-static';
import type { FastifyInstance, FastifyReply } from 'fastify';

import { GRAPHQL_PATH } from '../graphql/graphql-options.js';

/** Where the explorer is offered. */
export const EXPLORER_PATH = `${GRAPHQL_PATH}/explorer/`;

const SETTINGS_FILE = 'settings-of-this-deployment.js';
/** Whatever the explorer's program does, it loads and asks nothing elsewhere. */
const ONLY_FROM_HERE = "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; connect-src 'self' ws: wss:; frame-ancestors 'none'";
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.ttf': 'font/ttf',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Offers the GraphQL explorer, all of it from files of a dependency; nothing is fetched from elsewhere. */
export function serveExplorer(fastify: FastifyInstance): void {
  const options = {
    baseURL: EXPLORER_PATH,
    endpointURL: GRAPHQL_PATH,
    subscriptionsEndpoint: GRAPHQL_PATH,
    initialSubscriptionRequestHandlerId: 'graphql-ws' as const,
    initialHeaders: { Authorization: 'Bearer sp_usr_' },
    serveInitialOptionsInSeperateRequest: SETTINGS_FILE,
    disableAccount: true,
  };
  const page = renderAltair(options);
  const settings = renderInitSnippet(options);
  fastify.get(EXPLORER_PATH.slice(0, -1), async (_request, reply) => reply.redirect(EXPLORER_PATH));
  fastify.get(EXPLORER_PATH, async (_request, reply) => reply.type('text/html; charset=utf-8').header('content-security-policy', ONLY_FROM_HERE).send(page));
  fastify.get(`${EXPLORER_PATH}${SETTINGS_FILE}`, async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(settings));
  fastify.get<{ Params: { '*': string } }>(`${EXPLORER_PATH}*`, async (request, reply) => sendFile(reply, request.params['*']));
}

async function sendFile(reply: FastifyReply, path: string): Promise<FastifyReply> {
  const file = await fileInside(getDistDirectory(), path);
  if (file === undefined) return reply.code(404).send({ error: 'not found' });
  return reply.type(TYPES[extname(file)] ?? 'application/octet-stream').header('x-content-type-options', 'nosniff').send(createReadStream(file));
}

/** The file's real path; `undefined` when there is none inside the folder. */
async function fileInside(folder: string, path: string): Promise<string | undefined> {
  try {
    const root = await realpath(folder);
    const file = await realpath(join(root, path));
    return file.startsWith(root + sep) && (await stat(file)).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}
