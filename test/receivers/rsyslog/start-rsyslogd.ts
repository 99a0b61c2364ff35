import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { makeCertificates, type ReceiverCertificates } from './certificates.js';
import { rsyslogdBinary } from './rsyslogd-binary.js';

/** How a receiver listens. */
export type RsyslogInput = 'tcp' | 'tls' | 'relp' | 'relp+tls';

/** A real rsyslogd that writes every message, as it came, as one line of a file. */
export interface Rsyslogd {
  readonly port: number;
  readonly certificates: ReceiverCertificates;
  /** The messages that are on disk, whole lines only. */
  lines(): readonly string[];
  /** SIGKILL: nothing is written that is not written. */
  kill(): Promise<void>;
  /** On the same port and the same file. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one on loopback. */
export async function startRsyslogd(input: RsyslogInput): Promise<Rsyslogd> {
  const binary = rsyslogdBinary();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-rsyslog-'));
  const certificates = makeCertificates(folder);
  const port = await freePort();
  const out = join(folder, 'out.log');
  const config = join(folder, 'rsyslog.conf');
  writeFileSync(config, configOf(input, { port, folder, out, certificates }));
  let child: ChildProcess | null = null;
  const kill = async (): Promise<void> => {
    const running = child;
    child = null;
    if (running === null) return;
    const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    running.kill('SIGKILL');
    await ended;
  };
  const start = async (): Promise<void> => {
    rmSync(join(folder, 'pid'), { force: true });
    const started = spawn(binary, ['-n', '-f', config, '-i', join(folder, 'pid')], { stdio: ['ignore', 'ignore', 'pipe'] });
    const lastResort = (): void => void started.kill('SIGKILL');
    process.once('exit', lastResort);
    started.once('exit', () => process.off('exit', lastResort));
    let said = '';
    started.stderr?.on('data', (text: Buffer) => (said += text.toString()));
    child = started;
    await until(async () => {
      if (started.exitCode !== null) throw new Error(`rsyslogd ended: ${said}`);
      return answers(port);
    });
  };
  await start();
  return {
    ...{ port, certificates, kill, start },
    lines: () => (existsSync(out) ? readFileSync(out, 'utf8').split('\n').slice(0, -1) : []),
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Looks again and again until it holds; a test's own time limit ends it otherwise. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(20);
}

interface Places {
  readonly port: number;
  readonly folder: string;
  readonly out: string;
  readonly certificates: ReceiverCertificates;
}

/** rsyslog's own limit of 8 KiB for a message is left as it is. By TLS, imrelp wants a certificate of whoever sends. */
function configOf(input: RsyslogInput, { port, folder, out, certificates: { ca, cert, key } }: Places): string {
  const files = `DefaultNetstreamDriverCAFile="${ca}" DefaultNetstreamDriverCertFile="${cert}" DefaultNetstreamDriverKeyFile="${key}"`;
  const relpTls = input === 'relp+tls' ? `tls="on" tls.cacert="${ca}" tls.mycert="${cert}" tls.myprivkey="${key}" tls.authMode="certvalid"` : '';
  const listen: Readonly<Record<RsyslogInput, string>> = {
    tcp: `module(load="imtcp")\ninput(type="imtcp" port="${port}" address="127.0.0.1")`,
    tls: `module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.Authmode="anon")\ninput(type="imtcp" port="${port}" address="127.0.0.1")`,
    relp: `module(load="imrelp")\ninput(type="imrelp" port="${port}" address="127.0.0.1")`,
    'relp+tls': `module(load="imrelp")\ninput(type="imrelp" port="${port}" address="127.0.0.1" ${relpTls})`,
  };
  return [
    `global(workDirectory="${folder}" ${files})`,
    listen[input],
    'template(name="asItCame" type="string" string="%rawmsg%\\n")',
    `action(type="omfile" file="${out}" template="asItCame" flushOnTXEnd="on" asyncWriting="off")`,
    '',
  ].join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
