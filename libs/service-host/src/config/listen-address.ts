import { isIPv6 } from 'node:net';

/** Where to listen. `port` 0 picks a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, `[v6]:port`, `:port` or `port`. `undefined` when it is none of these. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const parts = /^(?:(?:\[([^\]]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text.trim());
  if (parts === null) return undefined;
  const [, v6, name, portText] = parts;
  const port = Number(portText);
  if (port > 65_535 || (v6 !== undefined && !isIPv6(v6))) return undefined;
  return { host: v6 ?? (name === undefined || name === '' ? '127.0.0.1' : name), port };
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** `http://host:port` with IPv6 in brackets; an any-address is shown as the loopback address, which reaches it from here. */
export function baseUrl(scheme: 'http' | 'https', address: ListenAddress): string {
  const host = address.host === '0.0.0.0' ? '127.0.0.1' : address.host === '::' ? '::1' : address.host;
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${address.port}`;
}
