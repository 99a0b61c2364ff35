import { integer, makeSinkType, text, type SinkType } from '@sallyport/sinks';

import { examineVersion, LINE_FORMATS, rendering } from '../rendering.js';
import { FileSink } from './file-sink.js';

const settings = {
  directory: text({
    description: 'A directory that the machine’s operator allows in sallyport.yaml, under `sinks`. Files are in a folder named by the organisation’s id.',
    pattern: /^\/(?!.*(?:^|\/)\.{0,2}(?:\/|$))./,
    wanted: 'an absolute path without ., .. and a / at its end',
    maxLength: 1_024,
  }),
  max_megabytes: integer({ description: 'Size from which a file is followed by the next, megabytes.', min: 1, max: 10_000, fallback: 100 }),
} as const;

/** Files on the machine of the control plane. */
export const fileSinkType: SinkType = makeSinkType({
  name: 'file',
  description: 'Lines appended to files on the control plane’s machine, one or more a day.',
  settings,
  credentials: [],
  formats: LINE_FORMATS,
  dedupes: false,
  resendMs: 0,
  examine: (_values, configuration) => examineVersion(configuration),
  bounds: () => ({ maxEvents: 1_000, maxBytes: 1_000_000, maxEventBytes: null }),
  guarantee: () => 'at-least-once to the disk of the control plane’s machine',
  destination: ({ directory }) => `file://${directory}`,
  open: (values, configuration, { clock, sinkId, organisationId }) =>
    new FileSink({ directory: values.directory, maxBytes: values.max_megabytes * 1_000_000, render: rendering(configuration) }, { clock, sinkId, organisationId }),
});
