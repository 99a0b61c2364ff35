import type { SinkType } from '@sallyport/sinks';
import { HTTP_SINK_TYPES } from '@sallyport/sinks-http';
import { fileSinkType, s3SinkType } from '@sallyport/sinks-object';
import { kafkaSinkType, relpSinkType, syslogSinkType } from '@sallyport/sinks-socket';

/** Every kind of sink of a deployment. */
export const ALL_SINK_TYPES: readonly SinkType[] = [...HTTP_SINK_TYPES, syslogSinkType, relpSinkType, kafkaSinkType, s3SinkType, fileSinkType];
