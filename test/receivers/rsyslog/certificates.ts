import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An authority of a test's own and a certificate for 127.0.0.1 and localhost, which a sender may show as well. Paths of PEM files, and their texts. */
export interface ReceiverCertificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** Makes them with the machine's `openssl`. @throws {Error} with the sentence that says what to install, where it has none. */
export function makeCertificates(folder: string): ReceiverCertificates {
  const file = (name: string): string => join(folder, name);
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test authority', '-keyout', file('ca.key'), '-out', file('ca.pem'));
  writeFileSync(file('ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=receiver', '-keyout', file('node.key'), '-out', file('node.csr'));
  openssl('x509', '-req', '-in', file('node.csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', file('ext'), '-out', file('node.pem'));
  const read = (name: string): string => readFileSync(file(name), 'utf8');
  return { ca: file('ca.pem'), cert: file('node.pem'), key: file('node.key'), caPem: read('ca.pem'), certPem: read('node.pem'), keyPem: read('node.key') };
}

function openssl(...args: readonly string[]): void {
  try {
    execFileSync('openssl', args, { stdio: 'pipe' });
  } catch (cause) {
    throw new Error('These tests need certificates: apt-get install openssl', { cause });
  }
}
