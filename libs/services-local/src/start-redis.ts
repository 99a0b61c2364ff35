import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { resolve } from 'node:path';

import { ChildService, freePorts } from './child-service.js';
import { redisBinary } from './redis-binary.js';

/** How a Redis is started. */
export interface RedisOptions {
  /** Where it keeps its data; it goes on where it was when it is started there again. */
  readonly dataFolder: string;
  /** Whether what it holds is written down at all; true unless said. Without it every start is empty. */
  readonly keepsData?: boolean;
  /** Makes it the only node of a Redis Cluster. */
  readonly isCluster?: boolean;
}

/** A Redis of this machine that answers. */
export interface RunningRedis {
  /** What `REDIS_URL` takes. */
  readonly url: string;
  readonly port: number;
  /** The pid of the server itself. */
  readonly pid: number;
  /** Kills it without a word (SIGKILL); resolves when it is gone. */
  crash(): Promise<void>;
  /** Stops it in its tracks (SIGSTOP): connections stay open and nothing answers. */
  stall(): void;
  /** Lets a stalled Redis go on (SIGCONT). */
  resume(): void;
  /** Starts it again on its port and data; resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it, orderly within some seconds; resolves when it is gone. */
  stop(): Promise<void>;
  /** Resolves when the process that runs now is gone, whoever ended it. */
  gone(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

/**
 * Starts a Redis as a process of this machine, on loopback; resolves when it answers.
 *
 * @throws {Fault} `services.cannot_be_had` with what to install, `services.start_failed` with the last lines of output.
 */
export async function startRedis(options: RedisOptions): Promise<RunningRedis> {
  const binary = await redisBinary();
  const [port = 0] = await freePorts(1);
  const dataFolder = resolve(options.dataFolder);
  mkdirSync(dataFolder, { recursive: true });
  const start = (): ChildService => ChildService.start('Redis', [binary, ...settings(port, options)], { cwd: dataFolder });
  let service = start();
  const answering = async (): Promise<void> => {
    await service.untilAnswering(() => answersPing(port), START_TIMEOUT_MS);
    if (options.isCluster === true) await service.untilAnswering(() => ownsAllSlots(port), START_TIMEOUT_MS);
  };
  await answering();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return service.pid;
    },
    crash: async () => {
      service.signal('SIGKILL');
      await service.gone();
    },
    stall: () => service.signal('SIGSTOP'),
    resume: () => service.signal('SIGCONT'),
    restart: async () => {
      await service.stop();
      service = start();
      await answering();
    },
    stop: () => service.stop(),
    gone: () => service.gone(),
  };
}

function settings(port: number, { keepsData = true, isCluster = false }: RedisOptions): readonly string[] {
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', '.', '--maxmemory-policy', 'noeviction', '--save', ''];
  const data = keepsData ? ['--appendonly', 'yes', '--appendfsync', 'everysec'] : ['--appendonly', 'no'];
  return [...place, ...data, ...(isCluster ? ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] : [])];
}

async function answersPing(port: number): Promise<boolean> {
  return (await answerTo(port, 'PING')).startsWith('+PONG');
}

/** Asks for all slots until it says that they are its own. */
async function ownsAllSlots(port: number): Promise<boolean> {
  await answerTo(port, 'CLUSTER ADDSLOTSRANGE 0 16383');
  return (await answerTo(port, 'CLUSTER INFO')).includes('cluster_state:ok');
}

/** The first piece of the answer to one command; empty when there is none within a second. */
function answerTo(port: number, command: string): Promise<string> {
  return new Promise((answered) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 });
    const end = (text: string): void => {
      socket.destroy();
      answered(text);
    };
    socket.once('connect', () => socket.write(`${command}\r\n`));
    socket.once('data', (bytes: Buffer) => end(bytes.toString('latin1')));
    for (const event of ['error', 'timeout', 'close']) socket.once(event, () => end(''));
  });
}
