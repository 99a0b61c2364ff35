import type { ExportFormat, OutgoingEvent } from '@sallyport/sinks';

/** How many times its own length an event may take in a format, at most in ordinary life: batches are bounded by the events' own lengths. */
export function growthOf(format: ExportFormat): number {
  return format === 'native' ? 1 : 4;
}

/** The event as one line of text in a format. Of `native`, `ocsf` and `ecs` the line is a JSON object. */
export function rendered(_format: ExportFormat, { stored }: OutgoingEvent): string {
  return stored.line;
}
