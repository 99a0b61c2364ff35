import { choice, integer, optional, text, type NetworkTarget, type Setting, type SettingProblem, type SinkConfiguration, type SinkType, type ValuesOf } from '@sallyport/sinks';

/** A host: a name or an address, never a URL. */
export const hostSetting = text({
  description: 'Name or address of the receiver.',
  pattern: /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|[0-9A-Fa-f:.]+)$/,
  wanted: 'a host name or an address, without scheme, port and brackets',
  maxLength: 253,
});

/** TLS of a connection that is opened by host and port. */
export const tlsSettings = {
  tls_ca: optional(text({ description: 'PEM of the authorities that are trusted for this receiver instead of the system’s.', pattern: /-----BEGIN CERTIFICATE-----/, wanted: 'PEM certificates', maxLength: 65_536, lines: true })),
  tls_servername: optional(text({ description: 'The name that the receiver’s certificate has, where it is not the host.', pattern: /^[A-Za-z0-9.-]+$/, wanted: 'a host name', maxLength: 253 })),
} as const;

/** The client certificate, where the receiver wants one. */
export const tlsCredentials: SinkType['credentials'] = [
  { name: 'tls_client_cert', required: false, description: 'PEM of the client certificate and its chain, where the receiver asks for one.' },
  { name: 'tls_client_key', required: false, description: 'PEM of the client certificate’s key.' },
];

/** Where a line protocol connects to, but for its port. */
export const transportSettings = {
  host: hostSetting,
  transport: choice({ description: 'How to connect. Without TLS only inside networks that the operator opened.', of: ['tls', 'tcp'], fallback: 'tls' }),
  ...tlsSettings,
} as const;

/** The port, and which one it is where nobody says. */
export function portSetting(fallback: number): Setting<number> {
  return integer({ description: 'Port of the receiver.', min: 1, max: 65_535, fallback });
}

/** What of TLS was read. */
export type TlsValues = ValuesOf<typeof tlsSettings>;
/** What of a connection was read. */
export type TransportValues = ValuesOf<typeof transportSettings> & { readonly port: number };

/** Problems of a client certificate without its key, and of TLS settings where there is no TLS. */
export function examineTransport(values: TransportValues, { credentials }: SinkConfiguration): readonly SettingProblem[] {
  const problems: SettingProblem[] = [...examineClientCertificate(credentials)];
  if (values.transport === 'tls') return problems;
  if (values.tls_ca !== null) problems.push({ pointer: '/settings/tls_ca', message: 'Take it out, or write "transport": "tls".' });
  if (values.tls_servername !== null) problems.push({ pointer: '/settings/tls_servername', message: 'Take it out, or write "transport": "tls".' });
  return problems;
}

/** A certificate needs its key and a key its certificate, both PEM. */
export function examineClientCertificate(credentials: SinkConfiguration['credentials']): readonly SettingProblem[] {
  const { tls_client_cert: cert, tls_client_key: key } = credentials;
  const problems: SettingProblem[] = [];
  if (cert !== undefined && !cert.includes('-----BEGIN CERTIFICATE-----')) problems.push({ pointer: '/credentials/tls_client_cert', message: 'Write PEM certificates.' });
  if (key !== undefined && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) problems.push({ pointer: '/credentials/tls_client_key', message: 'Write a PEM private key.' });
  if (cert !== undefined && key === undefined) problems.push({ pointer: '/credentials/tls_client_key', message: 'Write the key of the client certificate.' });
  if (key !== undefined && cert === undefined) problems.push({ pointer: '/credentials/tls_client_cert', message: 'Write the certificate of the key.' });
  return problems;
}

/** The target of the settings. */
export function targetOf(values: TransportValues, { credentials }: SinkConfiguration): NetworkTarget {
  const { host, port } = values;
  return { host, port, tls: values.transport === 'tcp' ? null : tlsWish(values, credentials) };
}

/** TLS as it is wished for. */
export function tlsWish({ tls_ca: ca, tls_servername: servername }: TlsValues, { tls_client_cert: cert, tls_client_key: key }: SinkConfiguration['credentials']): NonNullable<NetworkTarget['tls']> {
  return {
    ...(ca === null ? {} : { ca }),
    ...(servername === null ? {} : { servername }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** `scheme://host:port`, as may be shown. */
export function shownTarget(scheme: string, { host, port }: { readonly host: string; readonly port: number }): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
