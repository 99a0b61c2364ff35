import type { GuardedNetwork, NetworkRefusal, TlsWish } from '@sallyport/sinks';
import kafkajs, { type IHeaders, type ISocketFactory, type Producer, type SASLOptions } from 'kafkajs';

import { GuardedSocket } from './guarded-socket.js';
import { guardIdleTimers } from './idle-timer-guard.js';

/** What a producer is made with. */
export interface KafkaClientOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly tls: TlsWish | null;
  readonly sasl: SASLOptions | null;
  readonly compress: boolean;
}

/** One record. */
export interface KafkaRecord {
  readonly key: string;
  readonly value: Buffer;
  readonly headers: IHeaders;
}

/**
 * One idempotent producer with connections of its own. Every one of them, to the brokers of the settings and to those that the cluster's metadata
 * names, is made by the guarded network. After a failure it is thrown away whole: a connection into nothing does not heal in kafkajs.
 */
export class KafkaClient {
  /** What the network refused last, which kafkajs keeps no more than the sentence of. */
  refusal: NetworkRefusal | null = null;
  private readonly producer: Producer;
  private readonly sockets = new Set<GuardedSocket>();
  private connecting: Promise<void> | null = null;
  private ended = false;

  constructor(
    private readonly options: KafkaClientOptions,
    private readonly network: GuardedNetwork,
  ) {
    guardIdleTimers();
    const { brokers, sasl, tls } = options;
    const times = { connectionTimeout: CONNECT_MS, authenticationTimeout: CONNECT_MS, requestTimeout: REQUEST_MS, enforceRequestTimeout: true };
    const kafka = new kafkajs.Kafka({
      ...{ clientId: 'sallyport', brokers: [...brokers], ssl: tls !== null, ...times, retry: RETRY, logLevel: kafkajs.logLevel.NOTHING },
      ...(sasl === null ? {} : { sasl }),
      socketFactory: this.socket,
    });
    this.producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, createPartitioner: kafkajs.Partitioners.DefaultPartitioner, retry: RETRY });
  }

  /** Comes back when all replicas in sync have the records. Rejects with kafkajs' error. */
  async send(records: readonly KafkaRecord[]): Promise<void> {
    await (this.connecting ??= this.producer.connect());
    const compression = this.options.compress ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None;
    await this.producer.send({ topic: this.options.topic, acks: ALL_IN_SYNC, timeout: REQUEST_MS, compression, messages: [...records] });
  }

  /** Breaks every connection and lets no new one be made. */
  end(): void {
    this.ended = true;
    for (const socket of this.sockets) socket.destroy(new Error('this client was ended'));
    void this.producer.disconnect().catch(() => undefined); // its connections are gone already
  }

  private readonly socket: ISocketFactory = ({ host, port, onConnect }) => {
    if (this.ended) throw new Error('this client was ended');
    const socket = new GuardedSocket(this.network, { host, port, tls: this.options.tls }, {
      connected: onConnect,
      refused: (refusal) => void (this.refusal = refusal),
    });
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  };
}

const ALL_IN_SYNC = -1;
const CONNECT_MS = 10_000;
const REQUEST_MS = 15_000;
/** Short, since what gives up here is begun anew above, with new connections. An idempotent producer has to be let retry. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, multiplier: 2, factor: 0.2, retries: 3 };
