import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import type { Result } from '@sallyport/kernel';
import type { GuardedNetwork, NetworkRefusal, NetworkTarget } from '@sallyport/sinks';

import { LoopbackNetwork } from './loopback-network.js';

/** A request of Kafka's protocol: its number (0 is Produce, 22 InitProducerId), and what follows the client's id. */
export interface KafkaRequest {
  readonly apiKey: number;
  readonly body: Buffer;
}

/** The way to real brokers, on which every request is noted. */
export class BrokerTap implements GuardedNetwork {
  private readonly inner = new LoopbackNetwork();
  private readonly servers: Server[] = [];
  private readonly sent: Buffer[][] = [];

  async connect(target: NetworkTarget, signal: AbortSignal): Promise<Result<Socket, NetworkRefusal>> {
    const server = createServer((client) => this.pass(client, target)).listen(0, '127.0.0.1');
    this.servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    return this.inner.connect({ ...target, host: '127.0.0.1', port: (server.address() as AddressInfo).port }, signal);
  }

  requests(): readonly KafkaRequest[] {
    return this.sent.flatMap((parts) => requestsIn(Buffer.concat(parts)));
  }

  close(): void {
    this.inner.end();
    for (const server of this.servers) server.close();
  }

  private pass(client: Socket, { host, port }: NetworkTarget): void {
    const parts: Buffer[] = [];
    this.sent.push(parts);
    const broker = connect({ host, port });
    client.on('data', (part) => parts.push(part));
    for (const [one, other] of [[client, broker], [broker, client]] as const) one.on('error', () => other.destroy()).pipe(other);
  }
}

/** Each is its length, its number and version, a correlation id, and the client's id as a text with its length. */
function requestsIn(bytes: Buffer): readonly KafkaRequest[] {
  const requests: KafkaRequest[] = [];
  for (let at = 0; at + 4 <= bytes.length && at + 4 + bytes.readInt32BE(at) <= bytes.length; at += 4 + bytes.readInt32BE(at)) {
    const frame = bytes.subarray(at + 4, at + 4 + bytes.readInt32BE(at));
    requests.push({ apiKey: frame.readInt16BE(0), body: frame.subarray(10 + Math.max(frame.readInt16BE(8), 0)) });
  }
  return requests;
}
