import type { Result } from '@sallyport/kernel';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** TLS of a connection. Certificates are PEM. */
export interface TlsWish {
  /** Trusted instead of the system's authorities. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that the certificate must have; by default the host's. */
  readonly servername?: string;
  readonly alpn?: readonly string[];
}

/** Where to connect to. */
export interface NetworkTarget {
  /** A name or an address literal, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** `null`: without TLS, which is accepted only inside the networks that the operator opened. */
  readonly tls: TlsWish | null;
}

/** Why there is no connection. `refused`: it may not be reached, and trying again does not help; the message says what to change and holds no resolved address. */
export interface NetworkRefusal {
  readonly kind: 'refused' | 'unreachable' | 'timeout' | 'certificate';
  readonly message: string;
}

/** The only way out for sinks: every connection passes the egress guard (parsed host, resolved addresses, connected peer), for one organisation. */
export interface GuardedNetwork {
  connect(target: NetworkTarget, signal: AbortSignal): Promise<Result<Socket | TLSSocket, NetworkRefusal>>;
}
