import { integer, makeSinkType, type SinkType } from '@sallyport/sinks';

import { examineTransport, portSetting, shownTarget, targetOf, tlsCredentials, transportSettings } from '../connection/transport-settings.js';
import { examineVersion } from '../rendering.js';
import { formOf, LINE_BOUNDS, messageSettings } from '../syslog/syslog-sink-type.js';
import { SYSLOG_FORMATS } from '../syslog/syslog-message.js';
import { RelpSink } from './relp-sink.js';

const settings = {
  ...transportSettings,
  port: portSetting(2_514),
  ...messageSettings,
  window: integer({ description: 'Frames that may be without an answer at a time.', min: 1, max: 1_024, fallback: 128 }),
  answer_seconds: integer({ description: 'How long the receiver may take for the next answer, seconds.', min: 1, max: 300, fallback: 30 }),
} as const;

/** RELP, the Reliable Event Logging Protocol, version 0, such as rsyslog's `imrelp`. */
export const relpSinkType: SinkType = makeSinkType({
  name: 'relp',
  description: 'Syslog messages (RFC 5424) over RELP, each acknowledged by the receiver, with TLS or without.',
  settings,
  credentials: tlsCredentials,
  formats: SYSLOG_FORMATS,
  dedupes: false,
  resendMs: 0,
  examine: (values, configuration) => [...examineTransport(values, configuration), ...examineVersion(configuration)],
  bounds: () => LINE_BOUNDS,
  guarantee: () => 'at-least-once to the daemon',
  destination: (values) => shownTarget(values.transport === 'tls' ? 'relp+tls' : 'relp', values),
  open: (values, configuration, { network, scheduler }) =>
    new RelpSink({ target: targetOf(values, configuration), form: formOf(values, configuration), window: values.window, answerMs: values.answer_seconds * 1_000 }, { network, scheduler }),
});
