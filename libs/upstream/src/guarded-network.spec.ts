import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

import type { NetworkTarget } from '@sallyport/sinks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { EgressGuard, type Resolver } from './egress-guard.js';
import { guardedNetwork } from './guarded-network.js';

const SCOPE = { organisationId: 'o1', organisationSlug: 'acme' };
const OPENED = { allow: [{ cidr: '127.0.0.0/8' as const }], ports: [] };
const NEVER = new AbortController().signal;

interface Chain {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

function certificate(folder: string, name: string, days: readonly string[]): Chain {
  const file = (end: string): string => join(folder, `${name}.${end}`);
  const run = (...args: readonly string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
  run('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=authority', '-keyout', file('ca.key'), '-out', file('ca.pem'));
  run('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=receiver', '-keyout', file('key'), '-out', file('csr'));
  writeFileSync(file('ext'), 'subjectAltName=DNS:receiver.test,IP:127.0.0.1\n');
  run('x509', '-req', '-in', file('csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', ...days, '-extfile', file('ext'), '-out', file('pem'));
  return { ca: readFileSync(file('ca.pem'), 'utf8'), cert: readFileSync(file('pem'), 'utf8'), key: readFileSync(file('key'), 'utf8') };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-network-'));
const servers: Server[] = [];
let ports: { readonly plain: number; readonly tls: number; readonly expired: number };
let good: Chain;
let expired: Chain;

beforeAll(async () => {
  good = certificate(folder, 'good', ['-days', '2']);
  expired = certificate(folder, 'expired', ['-days', '-1']);
  const plain = createServer((socket) => socket.on('error', () => undefined));
  const tls = createTlsServer({ cert: good.cert, key: good.key, ALPNProtocols: ['h2'] }, (socket) => socket.end('hello'));
  const old = createTlsServer({ cert: expired.cert, key: expired.key });
  servers.push(plain, tls, old);
  ports = { plain: await listening(plain), tls: await listening(tls), expired: await listening(old) };
});

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

function network(resolver: Resolver = () => Promise.resolve(['127.0.0.1']), rules: ConstructorParameters<typeof EgressGuard>[0] = OPENED) {
  return guardedNetwork(new EgressGuard(rules, resolver), SCOPE, 2_000);
}

async function refusal(target: NetworkTarget, from = network()): Promise<{ readonly kind: string; readonly message: string }> {
  const answer = await from.connect(target, NEVER);
  if (answer.ok) answer.value.destroy();
  return answer.ok ? { kind: 'connected', message: '' } : answer.refusal;
}

describe('the guarded network of sinks', () => {
  it('connects without TLS inside an opened network', async () => {
    const answer = await network().connect({ host: 'receiver.test', port: ports.plain, tls: null }, NEVER);
    expect(answer).toMatchObject({ ok: true, value: { remoteAddress: '127.0.0.1' } });
    if (answer.ok) answer.value.destroy();
  });

  it('refuses a private address that was not opened, by name and by literal, before anything is connected', async () => {
    const closed = network(undefined, { allow: [], ports: [] });
    for (const host of ['receiver.test', '127.0.0.1', '2130706433', '0x7f.1']) {
      const refused = await refusal({ host, port: ports.plain, tls: {} }, closed);
      expect(refused).toMatchObject({ kind: 'refused' });
      expect(refused.message).not.toContain('127.0.0.1');
    }
  });

  it('refuses a name when only one of its addresses is public', async () => {
    const mixed = network(() => Promise.resolve(['93.184.216.34', '10.0.0.1']), { allow: [], ports: [] });
    expect(await refusal({ host: 'receiver.test', port: 443, tls: {} }, mixed)).toMatchObject({ kind: 'refused' });
  });

  it('wants TLS, and a port that the operator allows, on the public internet', async () => {
    const outside = network(() => Promise.resolve(['93.184.216.34']), { allow: [], ports: [] });
    expect(await refusal({ host: 'receiver.test', port: 443, tls: null }, outside)).toMatchObject({ kind: 'refused', message: expect.stringContaining('without TLS') });
    expect(await refusal({ host: 'receiver.test', port: 6514, tls: {} }, outside)).toMatchObject({ kind: 'refused', message: expect.stringContaining('egress.ports') });
  });

  it('refuses a peer that is not the one that was checked, before a byte is sent [sinks/egress]', async () => {
    const guard = new EgressGuard(OPENED, () => Promise.resolve(['127.0.0.1']));
    guard.acceptsPeer = () => false;
    expect(await refusal({ host: 'receiver.test', port: ports.tls, tls: { ca: good.ca } }, guardedNetwork(guard, SCOPE))).toMatchObject({ kind: 'refused' });
  });

  it('verifies the certificate against the given authority and the name, and speaks the wanted protocol', async () => {
    const answer = await network().connect({ host: 'receiver.test', port: ports.tls, tls: { ca: good.ca, alpn: ['h2'] } }, NEVER);
    expect(answer).toMatchObject({ ok: true, value: { authorized: true, alpnProtocol: 'h2' } });
    if (answer.ok) answer.value.destroy();
    expect(await refusal({ host: '127.0.0.1', port: ports.tls, tls: { ca: good.ca } })).toMatchObject({ kind: 'connected' });
    expect(await refusal({ host: '127.0.0.1', port: ports.tls, tls: { ca: good.ca, servername: 'receiver.test' } })).toMatchObject({ kind: 'connected' });
  });

  it('says what is wrong with a certificate', async () => {
    const at = (host: string, port: number, ca?: string): Promise<unknown> => refusal({ host, port, tls: ca === undefined ? {} : { ca } });
    expect(await at('receiver.test', ports.tls)).toMatchObject({ kind: 'certificate', message: expect.stringContaining('authority') });
    expect(await at('other.test', ports.tls, good.ca)).toMatchObject({ kind: 'certificate', message: expect.stringContaining('another name') });
    expect(await at('receiver.test', ports.expired, expired.ca)).toMatchObject({ kind: 'certificate', message: expect.stringContaining('expired') });
    expect(await at('receiver.test', ports.tls, 'no PEM')).toMatchObject({ kind: 'certificate' });
  });

  it('gives up after its deadline on a peer that never shakes hands, and on a resolver that never answers', async () => {
    const quick = (resolver: Resolver) => guardedNetwork(new EgressGuard(OPENED, resolver), SCOPE, 100);
    expect(await refusal({ host: 'receiver.test', port: ports.plain, tls: {} }, quick(() => Promise.resolve(['127.0.0.1'])))).toMatchObject({ kind: 'timeout' });
    expect(await refusal({ host: 'receiver.test', port: ports.plain, tls: null }, quick(() => new Promise(() => undefined)))).toMatchObject({ kind: 'timeout' });
  });

  it('takes for a host only a host', async () => {
    for (const host of ['a@127.0.0.1', '127.0.0.1/x', 'a b', '[::1]', '', '127.0.0.1#']) {
      expect(await refusal({ host, port: ports.plain, tls: null })).toMatchObject({ kind: 'refused' });
    }
  });

  it('calls a port nobody listens on unreachable', async () => {
    const vacant = createServer();
    const port = await listening(vacant);
    await new Promise((resolve) => vacant.close(resolve));
    expect(await refusal({ host: 'receiver.test', port, tls: null })).toMatchObject({ kind: 'unreachable' });
  });
});
