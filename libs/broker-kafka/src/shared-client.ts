import { brokerFault } from '@sallyport/broker';
import type { Kafka } from 'kafkajs';

import type { Client, KafkaClients } from './kafka-clients.js';

/** What kafkajs makes to ask or to publish with. */
export interface Connectable {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

interface Open<Handle> {
  readonly client: Client;
  readonly handle: Handle;
  users: number;
  retired: boolean;
}

/**
 * One client for many users, connected when first used. After any failure the next user gets a new one: a connection into nothing
 * does not heal, and kafkajs asks again and again for topics that it may not see any more, to the harm of the others. Those who still use the
 * old one finish with it.
 */
export class SharedClient<Handle extends Connectable> {
  private current: Promise<Open<Handle>> | null = null;
  private closed = false;

  constructor(
    private readonly clients: KafkaClients,
    private readonly make: (kafka: Kafka) => Handle,
  ) {}

  /** @throws {Fault} `broker.closed`, and whatever connecting or the work throws. */
  async use<Answer>(work: (handle: Handle) => Promise<Answer>): Promise<Answer> {
    if (this.closed) throw brokerFault.closed('the broker was closed');
    const connecting = (this.current ??= this.connect());
    let open: Open<Handle> | null = null;
    try {
      open = await connecting;
      open.users += 1;
      return await work(open.handle);
    } catch (error) {
      if (this.current === connecting) this.current = null;
      if (open !== null) open.retired = true;
      throw error;
    } finally {
      if (open !== null) open.users -= 1;
      if (open?.retired === true && open.users === 0) end(open);
    }
  }

  /** Ends it, whoever uses it. */
  async close(): Promise<void> {
    this.closed = true;
    const open = await this.current?.catch(() => null);
    this.current = null;
    if (open !== undefined && open !== null) end(open);
  }

  private async connect(): Promise<Open<Handle>> {
    const client = this.clients.open();
    const handle = this.make(client.kafka);
    try {
      await handle.connect();
    } catch (error) {
      client.sockets.end();
      throw error;
    }
    return { client, handle, users: 0, retired: false };
  }
}

function end<Handle extends Connectable>({ client, handle }: Open<Handle>): void {
  client.sockets.end();
  void handle.disconnect().catch(() => undefined); // its connections are gone already
}
