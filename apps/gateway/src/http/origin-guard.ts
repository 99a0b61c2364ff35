import type { HeaderView } from '@sallyport/mcp-protocol';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Why a request is refused before its credential is looked at. */
export type OriginRefusal = 'host' | 'origin';

/**
 * The defence against DNS rebinding and cross-site posts: a request must name this listener as its host, and a browser's
 * `Origin`, where there is one, must be one of ours. Host and Origin are judged independently.
 *
 * Accepted are loopback names, the address the connection arrived at, and the operator's public names (without port).
 */
export class OriginGuard {
  private readonly names: ReadonlySet<string>;
  /** The `Host` found last to be one of the names: mostly the next one's too. */
  private lastHost: string | null = null;

  constructor(publicNames: readonly string[]) {
    this.names = new Set([...LOOPBACK, ...publicNames.map((name) => name.toLowerCase())]);
  }

  /** `null` when the request may go on. `localAddress` of `arrival` is the one the connection arrived at. */
  refuses({ host, origin }: Pick<HeaderView, 'host' | 'origin'>, arrival: { readonly localAddress?: string | undefined }): OriginRefusal | null {
    if (host === null) return 'host';
    if (host !== this.lastHost && !this.isOurs(host, arrival)) return 'host';
    if (origin === null) return null;
    return URL.canParse(origin) && this.names.has(new URL(origin).hostname) ? null : 'origin';
  }

  private isOurs(host: string, { localAddress }: { readonly localAddress?: string | undefined }): boolean {
    const name = hostnameOf(host);
    if (!this.names.has(name)) return name === bracketed(localAddress);
    this.lastHost = host;
    return true;
  }
}

function hostnameOf(host: string): string {
  const port = host.lastIndexOf(':');
  const name = port > host.lastIndexOf(']') ? host.slice(0, port) : host;
  return name.toLowerCase();
}

function bracketed(address: string | undefined): string | undefined {
  return address?.includes(':') === true && !address.startsWith('::ffff:') ? `[${address}]` : address?.replace(/^::ffff:/, '');
}
