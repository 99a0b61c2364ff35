import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

import { answerOperations, isOperationsPath, type OperationsAnswer, type OperationsParts, type OperationsPath } from '../operations.js';

/** What answers on a process's one address: the gateway under `/mcp`, operations under their three paths, everything else the control plane. */
export interface FrontDoorRoutes {
  /** Absent in a process that is no gateway: 404. */
  readonly gateway?: RequestListener;
  /** Absent in a process that is no control plane: 404. */
  readonly controlPlane?: RequestListener;
  /** Text and content type of `/healthz`, `/readyz` and `/metrics`. */
  readonly operations: (path: OperationsPath) => Promise<OperationsAnswer>;
}

/** The one address of a process. */
export interface FrontDoor {
  /** From now on these answer. */
  open(routes: FrontDoorRoutes): void;
}

/**
 * Sends each request to the part it belongs to, by its path alone. To be called before the server listens: a request that comes
 * before anybody takes requests is never answered. Until the parts are there, `startingRoutes` answer.
 */
export function routeRequests(server: Server, first: FrontDoorRoutes): FrontDoor {
  let routes = first;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { gateway = notFound, controlPlane = notFound } = routes;
    const path = pathOf(request.url ?? '/');
    if (path === '/mcp' || path.startsWith('/mcp/')) return gateway(request, response);
    if (isOperationsPath(path)) return answer(routes, path, response);
    return controlPlane(request, response);
  });
  return { open: (opened) => void (routes = opened) };
}

/** What a process that is starting answers: it lives, it is not ready, and its parts say for themselves that they are not there yet. */
export function startingRoutes(what: string, parts: Pick<FrontDoorRoutes, 'gateway' | 'controlPlane'>, metrics: OperationsParts['metrics'] = []): FrontDoorRoutes {
  return { ...parts, operations: (path) => answerOperations({ ready: async () => [`${what} is starting`], metrics }, path) };
}

function pathOf(target: string): string {
  const end = target.indexOf('?');
  return end === -1 ? target : target.slice(0, end);
}

function notFound(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end('Nothing is here.\n');
}

function answer(routes: FrontDoorRoutes, path: OperationsPath, response: ServerResponse): void {
  routes.operations(path).then(
    ({ status, contentType, body }) => response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body),
    () => response.writeHead(503).end(),
  );
}
