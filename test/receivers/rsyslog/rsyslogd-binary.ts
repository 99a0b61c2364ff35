import { existsSync } from 'node:fs';

import { haveDebianPackages } from '@sallyport/test-support';

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
  haveDebianPackages({ packages: PACKAGES, need: 'These tests need rsyslogd', isThere: () => isComplete(folders) });
  return BINARY;
}

function isComplete(folders: readonly string[]): boolean {
  return existsSync(BINARY) && MODULES.every((module) => folders.some((folder) => existsSync(`${folder}/${module}`)));
}
