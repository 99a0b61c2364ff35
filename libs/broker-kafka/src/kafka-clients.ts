import { Kafka, logLevel, type ISocketFactory, type KafkaConfig as ClientSettings, type RetryOptions, type SASLOptions } from 'kafkajs';

import type { KafkaConfig, KafkaSasl, KafkaTls } from './config/kafka-config.js';
import { guardIdleTimers } from './idle-timer-guard.js';
import { openSocket, Sockets } from './sockets.js';
import { guardStoppedFetches } from './stopped-fetch-guard.js';
import { tokenProvider } from './token-provider.js';

/** A client of its own connections. */
export interface Client {
  readonly kafka: Kafka;
  readonly sockets: Sockets;
}

/** Short, since what gives up here is begun anew above, with new connections. */
export const RETRY: RetryOptions = { initialRetryTime: 100, maxRetryTime: 1_000, multiplier: 2, factor: 0.2, retries: 3 };

const REQUEST_TIMEOUT_MS = 3_000;
const SIGN_IN_TIMEOUT_MS = 5_000;

/** Makes kafkajs clients of one configuration. They share nothing but the token. */
export class KafkaClients {
  private readonly settings: ClientSettings;

  /** @param connect Opens connections; another one than `openSocket` lets a test come between. */
  constructor(
    config: KafkaConfig,
    readonly clientId: string,
    private readonly connect: ISocketFactory = openSocket,
  ) {
    guardIdleTimers();
    guardStoppedFetches();
    this.settings = {
      clientId,
      brokers: [...config.brokers],
      connectionTimeout: REQUEST_TIMEOUT_MS,
      authenticationTimeout: SIGN_IN_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      enforceRequestTimeout: true,
      retry: RETRY,
      logLevel: logLevel.NOTHING,
      ...(config.tls === null ? {} : { ssl: tlsOptions(config.tls) }),
      ...(config.sasl === null ? {} : { sasl: saslOptions(config.sasl) }),
    };
  }

  open(): Client {
    const sockets = new Sockets(this.connect);
    return { kafka: new Kafka({ ...this.settings, socketFactory: sockets.factory }), sockets };
  }
}

function tlsOptions({ ca, cert, key, serverName }: KafkaTls): NonNullable<ClientSettings['ssl']> {
  return {
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca: [ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

function saslOptions(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism !== 'oauthbearer') {
    const { username, password } = sasl;
    return sasl.mechanism === 'plain' ? { mechanism: 'plain', username, password } : scramOptions(sasl.mechanism, username, password);
  }
  const nextToken = tokenProvider(sasl.token);
  return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await nextToken() }) };
}

function scramOptions(mechanism: 'scram-sha-256' | 'scram-sha-512', username: string, password: string): SASLOptions {
  return mechanism === 'scram-sha-256' ? { mechanism, username, password } : { mechanism, username, password };
}
