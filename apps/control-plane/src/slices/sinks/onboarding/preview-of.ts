import { FORMATS } from '@sallyport/audit-formats';
import type { OutgoingEvent, Sink, SinkConfiguration } from '@sallyport/sinks';

/** One event as its receiver sees it, as text: the kind's own preview, or the event in the sink's format and version. */
export function previewOf(sink: Pick<Sink, 'preview'>, event: OutgoingEvent, { format, formatVersion }: Pick<SinkConfiguration, 'format' | 'formatVersion'>): string {
  // Parquet is a kind's own affair: it is no form of a single line.
  return sink.preview?.(event) ?? FORMATS[format === 'parquet' ? 'native' : format].render(event.event, event.stored, formatVersion);
}
