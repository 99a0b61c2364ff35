import { choice, integer, makeSinkType, text, type SinkConfiguration, type SinkType, type ValuesOf } from '@sallyport/sinks';

import { examineTransport, portSetting, shownTarget, targetOf, tlsCredentials, transportSettings } from '../connection/transport-settings.js';
import { examineVersion } from '../rendering.js';
import { FACILITIES, SYSLOG_FORMATS, type Facility, type SyslogForm } from './syslog-message.js';
import { SyslogSink } from './syslog-sink.js';

/** How a message is written; shared by every sink that sends syslog messages. */
export const messageSettings = {
  facility: choice<Facility>({ description: 'Facility that messages are sent under.', of: Object.keys(FACILITIES) as Facility[], fallback: 'audit' }),
  sd_id: text({
    description: 'Id of the structured data: a name, @ and your private enterprise number.',
    pattern: /^[\u0021\u0023-\u003c\u003e\u003f\u0041-\u005c\u005e-\u007e]{1,20}@[0-9]{1,10}$/,
    wanted: 'a name, @ and a number, such as sallyport@32473',
    maxLength: 32,
    fallback: 'sallyport@32473',
  }),
  max_octets: integer({ description: 'Octets of one message; a larger event is reduced and says so. Receivers must take 2048 and should take 8192.', min: 2_048, max: 1_048_576, fallback: 8_192 }),
} as const;

const settings = {
  ...transportSettings,
  port: portSetting(6_514),
  ...messageSettings,
  settle_ms: integer({ description: 'How long a batch is watched for the receiver’s close before it is taken for delivered, milliseconds.', min: 0, max: 5_000, fallback: 100 }),
} as const;

/** The form that settings and format ask for. */
export function formOf(values: ValuesOf<typeof messageSettings>, { format, formatVersion }: SinkConfiguration): SyslogForm {
  const { facility, sd_id: sdId, max_octets: maxOctets } = values;
  const written = SYSLOG_FORMATS.find((known) => known === format) ?? 'native';
  return { facility, sdId, maxOctets, format: written, formatVersion };
}

/** How much a line protocol is given at once. */
export const LINE_BOUNDS = { maxEvents: 1_000, maxBytes: 1_000_000, maxEventBytes: null } as const;

/** Syslog (RFC 5424) over TLS (RFC 5425) or TCP, octet counted. */
export const syslogSinkType: SinkType = makeSinkType({
  name: 'syslog',
  description: 'Syslog messages (RFC 5424) over TLS or TCP, octet counted.',
  settings,
  credentials: tlsCredentials,
  formats: SYSLOG_FORMATS,
  dedupes: false,
  resendMs: 30_000,
  examine: (values, configuration) => [...examineTransport(values, configuration), ...examineVersion(configuration)],
  bounds: () => LINE_BOUNDS,
  guarantee: () => 'best effort, duplicates and gaps possible; gaps detectable by seq',
  destination: (values) => shownTarget(values.transport === 'tls' ? 'syslog+tls' : 'syslog+tcp', values),
  open: (values, configuration, { network, scheduler }) =>
    new SyslogSink({ target: targetOf(values, configuration), form: formOf(values, configuration), settleMs: values.settle_ms }, { network, scheduler }),
});
