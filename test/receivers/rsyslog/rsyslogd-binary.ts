import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const BINARY = '/usr/sbin/rsyslogd';
const PACKAGES = ['rsyslog', 'rsyslog-gnutls', 'rsyslog-relp'];
const MODULES = ['lmnsd_gtls.so', 'imrelp.so'];
const FOLDERS = ['/usr/lib/x86_64-linux-gnu/rsyslog', '/usr/lib/aarch64-linux-gnu/rsyslog', '/usr/lib/rsyslog', '/usr/lib64/rsyslog'];

/**
 * The machine's rsyslogd with its TLS and RELP modules. Where they lack and this process may install them (Debian, as root), it does.
 *
 * @param folders Where its modules may be.
 * @throws {Error} with the sentence that says what to install, otherwise.
 */
export function rsyslogdBinary(folders: readonly string[] = FOLDERS): string {
  if (isComplete(folders)) return BINARY;
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'pipe' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...PACKAGES], { env, stdio: 'pipe' });
  } catch (cause) {
    throw new Error(`These tests need rsyslogd: apt-get install ${PACKAGES.join(' ')}`, { cause });
  }
  if (!isComplete(folders)) throw new Error(`These tests need rsyslogd in ${BINARY} with ${MODULES.join(' and ')}: apt-get install ${PACKAGES.join(' ')}`);
  return BINARY;
}

function isComplete(folders: readonly string[]): boolean {
  return existsSync(BINARY) && MODULES.every((module) => folders.some((folder) => existsSync(`${folder}/${module}`)));
}
