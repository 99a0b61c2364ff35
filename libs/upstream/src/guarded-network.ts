import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

import { ok, refuse, type Result } from '@sallyport/kernel';
import type { GuardedNetwork, NetworkRefusal, NetworkTarget, TlsWish } from '@sallyport/sinks';

import type { EgressGuard, EgressRefusal, EgressScope, GuardedUrl } from './egress-guard.js';

/** How long a connection may take from its name to the end of its TLS handshake, milliseconds. */
export const CONNECT_DEADLINE_MS = 10_000;
/** Silence after which the kernel asks whether the peer is still there: a stream may rest for hours, and its peer be gone. */
const PROBE_AFTER_MS = 60_000;

/**
 * The way out of sinks, for one organisation. Three checks as for upstreams: the parsed host, every resolved address, the connected peer; the last
 * one before a byte of TLS leaves. Without TLS only inside networks that the operator opened. A socket that is answered is connected and, with TLS,
 * has verified its peer.
 */
export function guardedNetwork(guard: EgressGuard, scope: EgressScope, deadlineMs: number = CONNECT_DEADLINE_MS): GuardedNetwork {
  return {
    async connect(target, signal) {
      const checked = parseTarget(guard, target, scope);
      if (!checked.ok) return checked;
      return inTime(signal, deadlineMs, async (until) => {
        const pinned = await unlessLate(guard.pin(checked.value, scope), until);
        if (pinned === 'late') return refuse(LATE);
        if (!pinned.ok) return refuse(refusalOf(pinned.refusal));
        const accepts = (connected: string | undefined): boolean => guard.acceptsPeer(checked.value, scope, { pinned: pinned.value, connected });
        return open({ url: checked.value, address: pinned.value, tls: target.tls, accepts }, until);
      });
    },
  };
}

/** Runs `work` with a signal for whichever comes first; leaves nothing behind on `signal`, as `AbortSignal.any` does, which may live as long as the process. */
async function inTime<Value>(signal: AbortSignal, deadlineMs: number, work: (until: AbortSignal) => Promise<Value>): Promise<Value> {
  const until = new AbortController();
  const stop = (): void => until.abort();
  const timer = setTimeout(stop, deadlineMs);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await work(until.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

interface Pinned {
  readonly url: GuardedUrl;
  readonly address: string;
  readonly tls: TlsWish | null;
  readonly accepts: (connected: string | undefined) => boolean;
}

const LATE: NetworkRefusal = { kind: 'timeout', message: 'The receiver did not take the connection in time.' };
const UNREACHABLE: NetworkRefusal = { kind: 'unreachable', message: 'The receiver does not take connections: nothing listens there, or a firewall is between.' };
const WRONG_PEER: NetworkRefusal = { kind: 'refused', message: 'The connection ended up at another address than the one that was checked.' };
const NO_TLS: NetworkRefusal = { kind: 'certificate', message: 'The TLS handshake failed: check that this port speaks TLS, and the certificate of the client if one is wanted.' };
const BAD_PEM: NetworkRefusal = { kind: 'certificate', message: "The authority, or the client's certificate or key, is no PEM text that can be read, or they do not belong together." };

/** Characters that would make another URL of it: a host is a name or an address, nothing else. */
const NOT_OF_A_HOST = /[/?#@\\\s[\]%]/;

function parseTarget(guard: EgressGuard, target: NetworkTarget, scope: EgressScope): Result<GuardedUrl, NetworkRefusal> {
  const scheme = target.tls === null ? 'http' : 'https';
  const host = isIP(target.host) === 6 ? `[${target.host}]` : target.host;
  if (NOT_OF_A_HOST.test(target.host)) return refuse({ kind: 'refused', message: 'The host is not a name or an address.' });
  const checked = guard.checkUrl(`${scheme}://${host}:${target.port}/`, scope);
  return checked.ok ? checked : refuse(refusalOf(checked.refusal));
}

function refusalOf(refusal: EgressRefusal): NetworkRefusal {
  switch (refusal.code) {
    case 'unresolvable':
      return { kind: 'unreachable', message: refusal.message };
    case 'scheme':
      return { kind: 'refused', message: 'A connection without TLS is accepted only inside networks that the operator opened. Use TLS, or have the network opened under `egress.allow` in sallyport.yaml.' };
    case 'not_a_url':
      return { kind: 'refused', message: 'The host is not a name or an address, or the port is not one.' };
    case 'credentials':
    case 'port':
    case 'address':
      return { kind: 'refused', message: refusal.message };
  }
}

async function unlessLate<Value>(answer: Promise<Value>, signal: AbortSignal): Promise<Value | 'late'> {
  if (signal.aborted) return 'late';
  let stop = (): void => undefined;
  const late = new Promise<'late'>((resolve) => {
    stop = () => resolve('late');
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function open(pinned: Pinned, signal: AbortSignal): Promise<Result<Socket | TLSSocket, NetworkRefusal>> {
  const socket = connect({ host: pinned.address, port: pinned.url.port, noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS });
  const failed = await settled(socket, 'connect', signal);
  if (failed !== null) return refuse(failed === LATE ? LATE : UNREACHABLE);
  if (!pinned.accepts(socket.remoteAddress)) {
    socket.destroy();
    return refuse(WRONG_PEER);
  }
  return pinned.tls === null ? ok(socket) : secure(socket, { tls: pinned.tls, hostname: pinned.url.hostname }, signal);
}

async function secure(socket: Socket, wish: { readonly tls: TlsWish; readonly hostname: string }, signal: AbortSignal): Promise<Result<TLSSocket, NetworkRefusal>> {
  const started = startTls(socket, wish.tls, wish.tls.servername ?? wish.hostname);
  if (started === null) {
    socket.destroy();
    return refuse(BAD_PEM);
  }
  const failed = await settled(started, 'secureConnect', signal);
  return failed === null ? ok(started) : refuse(failed);
}

function startTls(socket: Socket, tls: TlsWish, name: string): TLSSocket | null {
  const options: ConnectionOptions = {
    socket,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.alpn === undefined ? {} : { ALPNProtocols: [...tls.alpn] }),
  };
  try {
    return connectTls(options);
  } catch {
    return null; // only a certificate, key or authority that OpenSSL cannot read throws here
  }
}

/** Null once `event` came; else why not, and the socket is destroyed. */
function settled(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<NetworkRefusal | null> {
  return new Promise((resolve) => {
    const finish = (refusal: NetworkRefusal | null): void => {
      signal.removeEventListener('abort', late);
      socket.off(event, done).off('close', closed);
      if (refusal !== null) socket.destroy();
      resolve(refusal);
    };
    const late = (): void => finish(LATE);
    const done = (): void => finish(null);
    const closed = (): void => finish(NO_TLS);
    socket.once(event, done).once('close', closed);
    // Stays for the socket's life: an error after the connection is told by 'close' to whoever uses it.
    socket.on('error', (error) => finish(tlsRefusal(error)));
    if (signal.aborted) late();
    else signal.addEventListener('abort', late, { once: true });
  });
}

function tlsRefusal(error: Error): NetworkRefusal {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const message = CERTIFICATE_FAULTS[code];
  if (message !== undefined) return { kind: 'certificate', message };
  return CONNECTION_LOST.has(code) ? UNREACHABLE : NO_TLS;
}

const CONNECTION_LOST: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH']);
const UNTRUSTED = "The receiver's certificate comes from no trusted authority: give its authority's certificate with the sink.";
const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "The receiver's certificate has expired.",
  CERT_NOT_YET_VALID: "The receiver's certificate is not valid yet: check the clocks.",
  CERT_REVOKED: "The receiver's certificate was revoked.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The receiver's certificate is for another name.",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};
