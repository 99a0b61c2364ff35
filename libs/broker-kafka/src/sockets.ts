import { isIP, connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_MS = 10_000;

/** Opens a connection to a broker: TCP, or TLS where the configuration has it. */
export const openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connectPlain({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  return socket;
};

/** The connections of one client, so that it can be ended at once, whatever it waits for. */
export class Sockets {
  private readonly open = new Set<Socket>();
  private ended = false;

  constructor(private readonly connect: ISocketFactory = openSocket) {}

  /** What kafkajs opens its connections with. */
  readonly factory: ISocketFactory = (to) => {
    if (this.ended) throw new Error('this client was ended');
    const socket = this.connect(to);
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
    return socket;
  };

  /** Breaks every connection and lets no new one be made. With an error, since kafkajs does not hear a mere close. */
  end(): void {
    this.ended = true;
    for (const socket of this.open) socket.destroy(new Error('this client was ended'));
  }
}
