import { isIP } from 'node:net';

import { optional, setting, text, type Setting, type SettingProblem, type SinkConfiguration, type SinkType, type Told, type TlsWish, type ValuesOf } from '@sallyport/sinks';

import { versionProblems } from './rendered.js';

/** Where a receiver is. */
export interface Where {
  /** Scheme, host and port. */
  readonly origin: string;
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path without a slash at its end; empty for the root. */
  readonly path: string;
  readonly tls: TlsWish | null;
}

/** Settings of TLS that every sink over HTTP has besides its address. */
export const TLS_SETTINGS = {
  tls_ca: optional(text({ description: "PEM of the authorities that are trusted for this receiver instead of the system's.", pattern: /-----BEGIN CERTIFICATE-----/, wanted: 'PEM certificates', maxLength: 65_536, lines: true })),
  tls_servername: optional(text({ description: "The name that the receiver's certificate has, where it is not the host.", pattern: /^[A-Za-z0-9.-]+$/, wanted: 'a host name', maxLength: 253 })),
} as const;

/** Credentials that every sink over HTTP takes besides its own. */
export const TLS_CREDENTIALS: SinkType['credentials'] = [
  { name: 'tls_client_cert', required: false, description: 'PEM of the client certificate and its chain, where the receiver asks for one.' },
  { name: 'tls_client_key', required: false, description: "PEM of the client certificate's key." },
];

/** What of TLS was read. */
export type TlsValues = ValuesOf<typeof TLS_SETTINGS>;

/** The address of a receiver: http or https, without user name, query and fragment. */
export function url(told: Told<string>): Setting<string> {
  const schema = { type: 'string', format: 'uri', pattern: '^https?://', maxLength: MAX_URL };
  const wanted = 'Write an address such as https://siem.example.com:8088, without user name, query and fragment.';
  return setting(told, schema, wanted, (given) => (typeof given === 'string' && isAddress(given) ? given : undefined));
}

/** Where an accepted address leads, with its TLS settings and the client's certificate among the credentials. */
export function whereOf(address: string, tls: TlsValues, credentials: SinkConfiguration['credentials']): Where {
  const parsed = new URL(address);
  const secure = parsed.protocol === 'https:';
  const host = parsed.hostname.startsWith('[') ? parsed.hostname.slice(1, -1) : parsed.hostname;
  const port = parsed.port === '' ? (secure ? HTTPS_PORT : HTTP_PORT) : Number(parsed.port);
  return { origin: parsed.origin, host, port, path: parsed.pathname.replace(/\/+$/, ''), tls: secure ? tlsWish(tls, credentials) : null };
}

/** The address as it may be shown, with what is added to its path. */
export function shownAddress(address: string, path = ''): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname.replace(/\/+$/, '')}${path}`;
}

/** What is wrong between an address, its TLS settings and the client's certificate, and with the version of the format. */
export function commonProblems(address: string, values: TlsValues, configuration: SinkConfiguration): readonly SettingProblem[] {
  const problems = [...clientCertificateProblems(configuration.credentials), ...versionProblems(configuration)];
  if (new URL(address).protocol === 'https:') return problems;
  const idle = (['tls_ca', 'tls_servername'] as const).filter((name) => values[name] !== null);
  return [...problems, ...idle.map((name) => ({ pointer: `/settings/${name}`, message: 'Take it out, or write an https address.' }))];
}

/** Credentials that go into a header and could not: each with what to write. */
export function headerProblems(credentials: SinkConfiguration['credentials'], names: readonly string[]): readonly SettingProblem[] {
  return names
    .filter((name) => credentials[name] !== undefined && !/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(credentials[name]))
    .map((name) => ({ pointer: `/credentials/${name}`, message: 'Write printable ASCII characters, without line breaks and without spaces around them.' }));
}

const MAX_URL = 2_048;
const HTTPS_PORT = 443;
const HTTP_PORT = 80;

function isAddress(given: string): boolean {
  if (given.length > MAX_URL || !/^https?:\/\/\S+$/i.test(given) || !URL.canParse(given)) return false;
  const { username, password, search, hash } = new URL(given);
  return username === '' && password === '' && search === '' && hash === '';
}

function clientCertificateProblems({ tls_client_cert: cert, tls_client_key: key }: SinkConfiguration['credentials']): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (cert !== undefined && !cert.includes('-----BEGIN CERTIFICATE-----')) problems.push({ pointer: '/credentials/tls_client_cert', message: 'Write PEM certificates.' });
  if (key !== undefined && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) problems.push({ pointer: '/credentials/tls_client_key', message: 'Write a PEM private key.' });
  if (cert !== undefined && key === undefined) problems.push({ pointer: '/credentials/tls_client_key', message: 'Write the key of the client certificate.' });
  if (key !== undefined && cert === undefined) problems.push({ pointer: '/credentials/tls_client_cert', message: 'Write the certificate of the key.' });
  return problems;
}

function tlsWish({ tls_ca: ca, tls_servername: servername }: TlsValues, { tls_client_cert: cert, tls_client_key: key }: SinkConfiguration['credentials']): TlsWish {
  return {
    ...(ca === null ? {} : { ca }),
    ...(servername === null || isIP(servername) !== 0 ? {} : { servername }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
