import { Cluster, Redis, type RedisOptions } from 'ioredis';

import type { Script } from './scripts/script.js';

/** Where Redis is. */
export interface RedisConnectionOptions {
  /** `redis://` or `rediss://` (TLS), user and password in it; of a Cluster any of its nodes. */
  readonly url: string;
  readonly isCluster?: boolean;
  /** Told of every failure of the connection; it mends itself. */
  onError?(error: Error): void;
}

const LONGEST_PAUSE_MS = 500;
const CONNECT_TIMEOUT_MS = 1_000;

/**
 * A connection that never queues what cannot be sent and never sends anything twice: a command that fails here was refused,
 * not sent, or its fate is unknown. It reconnects by itself.
 */
export class RedisConnection {
  private readonly client: Redis | Cluster;

  constructor({ url, isCluster, onError }: RedisConnectionOptions) {
    this.client = isCluster === true ? openCluster(url) : new Redis(url, { ...SINGLE, retryStrategy: pause });
    this.client.on('error', (error: Error) => onError?.(error));
  }

  /** Resolves once the server answers; never rejects. */
  async reachable(): Promise<void> {
    if (this.client.status !== 'ready') await new Promise<void>((resolve) => this.client.once('ready', () => resolve()));
  }

  /** Runs a script; Redis is sent its text only when it does not know it. */
  async run({ lua, sha1 }: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await this.client.evalsha(sha1, keys.length, ...keys, ...args);
    } catch (caught) {
      if (!(caught instanceof Error && caught.message.startsWith('NOSCRIPT'))) throw caught;
      return this.client.eval(lua, keys.length, ...keys, ...args);
    }
  }

  async ping(): Promise<void> {
    await this.client.ping();
  }

  /** Redis' own time, Unix milliseconds. */
  async time(): Promise<number> {
    const [seconds, micros] = await this.client.time();
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  }

  /** The server's word for what it does when its memory is full. */
  async evictionPolicy(): Promise<string> {
    const text = await this.client.info('memory');
    return /maxmemory_policy:(\S+)/.exec(text)?.[1] ?? 'unknown';
  }

  /** Sets a key that is not there, for so long. Whether it did. */
  async claim(key: string, value: string, forMs: number): Promise<boolean> {
    return (await this.client.set(key, value, 'PX', forMs, 'NX')) === 'OK';
  }

  async addToSet(key: string, member: string): Promise<void> {
    await this.client.sadd(key, member);
  }

  async popFromSet(key: string, most: number): Promise<readonly string[]> {
    return this.client.spop(key, most);
  }

  /** Drops the connection and makes another; what is under way fails. */
  reconnect(): void {
    this.client.disconnect(true);
  }

  close(): void {
    this.client.disconnect();
  }
}

const SINGLE = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: CONNECT_TIMEOUT_MS,
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
} as const satisfies RedisOptions;

function openCluster(url: string): Cluster {
  const { hostname, port, username, password, protocol } = new URL(url);
  const login = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  return new Cluster([{ host: hostname, port: Number(port === '' ? '6379' : port) }], {
    enableOfflineQueue: false,
    clusterRetryStrategy: pause,
    redisOptions: { ...SINGLE, ...(username === '' && password === '' ? {} : login), ...(protocol === 'rediss:' ? { tls: {} } : {}) },
  });
}

function pause(attempt: number): number {
  return Math.min(attempt * 50, LONGEST_PAUSE_MS);
}
