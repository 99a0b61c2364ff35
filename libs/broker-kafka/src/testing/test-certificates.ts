import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An authority of a test's own, a certificate for 127.0.0.1, and one for a client named `worker`. Paths of PEM files. */
export interface TestCertificates {
  readonly ca: string;
  /** Key and chain of the nodes, in one file. */
  readonly nodeKeystore: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

/** Makes them with the machine's `openssl`. */
export function makeCertificates(folder: string): TestCertificates {
  const file = (name: string): string => join(folder, name);
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test authority', '-keyout', file('ca.key'), '-out', file('ca.pem'));
  issue(folder, 'node', '/CN=broker', 'subjectAltName=IP:127.0.0.1,DNS:localhost');
  issue(folder, 'client', '/CN=worker', 'extendedKeyUsage=clientAuth');
  writeFileSync(file('node-keystore.pem'), readFileSync(file('node.key'), 'utf8') + readFileSync(file('node.pem'), 'utf8'));
  return { ca: file('ca.pem'), nodeKeystore: file('node-keystore.pem'), clientCert: file('client.pem'), clientKey: file('client.key') };
}

function issue(folder: string, name: string, subject: string, extension: string): void {
  const file = (end: string): string => join(folder, `${name}.${end}`);
  writeFileSync(file('ext'), `${extension}\n`);
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', subject, '-keyout', file('key'), '-out', file('csr'));
  const by = ['-CA', join(folder, 'ca.pem'), '-CAkey', join(folder, 'ca.key'), '-CAcreateserial'];
  openssl('x509', '-req', '-in', file('csr'), ...by, '-days', '2', '-extfile', file('ext'), '-out', file('pem'));
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
