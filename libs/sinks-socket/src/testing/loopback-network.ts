import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { ok, refuse, type Result } from '@sallyport/kernel';
import type { GuardedNetwork, NetworkRefusal, NetworkTarget } from '@sallyport/sinks';

/** A network without a guard, for tests that talk to loopback. Counts the connections made. */
export class LoopbackNetwork implements GuardedNetwork {
  readonly sockets: Socket[] = [];
  readonly targets: NetworkTarget[] = [];
  /** Answered instead of connecting, while it is set. */
  refusal: NetworkRefusal | null = null;

  async connect(target: NetworkTarget, signal: AbortSignal): Promise<Result<Socket, NetworkRefusal>> {
    this.targets.push(target);
    if (this.refusal !== null) return refuse(this.refusal);
    if (signal.aborted) return refuse({ kind: 'timeout', message: 'No time left.' });
    const socket = opened(target);
    const failed = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      socket.once(target.tls === null ? 'connect' : 'secureConnect', () => resolve(null));
      socket.on('error', (error) => resolve(error));
      signal.addEventListener('abort', () => socket.destroy(new Error('aborted')), { once: true });
    });
    if (failed !== null) return refuse({ kind: failed.code === 'ECONNREFUSED' ? 'unreachable' : 'certificate', message: 'There is no connection.' });
    this.sockets.push(socket);
    return ok(socket);
  }

  /** Ends what was opened. */
  end(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

function opened({ host, port, tls }: NetworkTarget): Socket {
  if (tls === null) return connect({ host, port });
  const { ca, cert, key, servername, alpn } = tls;
  return connectTls({
    host,
    port,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  });
}
