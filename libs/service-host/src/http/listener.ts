import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';

import type { ListenAddress } from '../config/listen-address.js';
import type { TlsFiles } from '../config/service-config.js';
import { startFault } from '../start-faults.js';

const HEADERS_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 65_000;

/** Makes the server without listening yet. The strict parser stays on; TLS where files are given. */
export function makeServer(tls: TlsFiles | null): Server {
  const server = tls === null ? createHttpServer() : createHttpsServer({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile), minVersion: 'TLSv1.2' });
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = 0; // long streams are bounded by the gateway, which knows what they are
  return server;
}

/**
 * Listens and says where.
 *
 * @throws {Fault} `start.port_in_use`, `start.cannot_listen`: a sentence that says what to do.
 */
export async function listen(server: Server, address: ListenAddress): Promise<ListenAddress> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenFault(address, cause)));
    server.listen(address.port, address.host, resolve);
  });
  const bound = server.address();
  return { host: address.host, port: bound === null || typeof bound === 'string' ? address.port : bound.port };
}

function listenFault(address: ListenAddress, cause: NodeJS.ErrnoException): Error {
  const where = `${address.host}:${address.port}`;
  if (cause.code === 'EADDRINUSE') {
    return startFault.port_in_use(`${where} is in use by another program: stop it, or choose another address with --listen host:port (port 0 picks a free one).`, {}, cause);
  }
  return startFault.cannot_listen(`Cannot listen on ${where} (${cause.code ?? 'unknown error'}): choose another address with --listen host:port.`, {}, cause);
}
