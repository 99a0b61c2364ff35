import { choice, flag, list, makeSinkType, optional, text, type SettingProblem, type SinkConfiguration, type SinkType, type ValuesOf } from '@sallyport/sinks';
import type { SASLOptions } from 'kafkajs';

import { examineClientCertificate, tlsCredentials, tlsSettings, tlsWish } from '../connection/transport-settings.js';
import { examineVersion, LINE_FORMATS, rendering } from '../rendering.js';
import { KafkaSink } from './kafka-sink.js';

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

const settings = {
  brokers: list({
    description: 'Brokers to start from. Those that the cluster names are connected to as well, and pass the same guard.',
    of: text({ description: 'host:port', pattern: /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):[0-9]{1,5}$/, wanted: 'host:port', maxLength: 260 }),
    max: 16,
  }),
  topic: text({ description: 'The topic; it must exist.', pattern: /^[A-Za-z0-9._-]{1,249}$/, wanted: 'letters, digits, dots, - and _', maxLength: 249 }),
  tls: flag({ description: 'Whether to connect by TLS. Without it only inside networks that the operator opened.', fallback: true }),
  ...tlsSettings,
  sasl_mechanism: optional(choice({ description: 'How to sign in; none where it is absent.', of: MECHANISMS })),
  compression: choice({ description: 'How record batches are compressed.', of: ['gzip', 'none'], fallback: 'gzip' }),
} as const;

type Values = ValuesOf<typeof settings>;

/** The organisation's own topic. */
export const kafkaSinkType: SinkType = makeSinkType({
  name: 'kafka',
  description: 'Records in a Kafka topic of your own, keyed by stream.',
  settings,
  credentials: [
    { name: 'sasl_username', required: false, description: 'User of the sign-in.' },
    { name: 'sasl_password', required: false, description: 'Password of the sign-in.' },
    ...tlsCredentials,
  ],
  formats: LINE_FORMATS,
  dedupes: false,
  resendMs: 0,
  examine: (values, configuration) => [...examine(values, configuration), ...examineVersion(configuration)],
  bounds: () => ({ maxEvents: 1_000, maxBytes: 800_000, maxEventBytes: 800_000 }),
  guarantee: () => 'at-least-once',
  destination: ({ brokers, topic }) => `kafka://${brokers.join(',')}/${topic}`,
  open: (values, configuration, { network }) =>
    new KafkaSink(
      {
        ...{ brokers: values.brokers, topic: values.topic, compress: values.compression === 'gzip' },
        tls: values.tls ? tlsWish(values, configuration.credentials) : null,
        sasl: saslOf(values, configuration),
      },
      network,
      rendering(configuration),
    ),
});

function examine(values: Values, { credentials }: SinkConfiguration): readonly SettingProblem[] {
  const problems: SettingProblem[] = [...examineClientCertificate(credentials)];
  for (const name of ['sasl_username', 'sasl_password'] as const) {
    const given = (credentials[name] ?? '') !== '';
    if (values.sasl_mechanism !== null && !given) problems.push({ pointer: `/credentials/${name}`, message: 'Missing: a sign-in needs user and password.' });
    if (values.sasl_mechanism === null && given) problems.push({ pointer: '/settings/sasl_mechanism', message: `Write one of ${MECHANISMS.join(', ')}.` });
  }
  for (const [index, broker] of values.brokers.entries()) {
    const port = Number(broker.slice(broker.lastIndexOf(':') + 1));
    if (port < 1 || port > 65_535) problems.push({ pointer: `/settings/brokers/${index}`, message: 'Write host:port with a port from 1 to 65535.' });
  }
  if (!values.tls && values.tls_ca !== null) problems.push({ pointer: '/settings/tls_ca', message: 'Take it out, or write "tls": true.' });
  return problems;
}

function saslOf({ sasl_mechanism: mechanism }: Values, { credentials }: SinkConfiguration): SASLOptions | null {
  const { sasl_username: username = '', sasl_password: password = '' } = credentials;
  switch (mechanism) {
    case null:
      return null;
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
}
