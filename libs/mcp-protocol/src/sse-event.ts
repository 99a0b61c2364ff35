/** What an event may carry beside its data. */
export interface SseFields {
  readonly event?: string;
  readonly id?: string;
  /** Milliseconds. */
  readonly retry?: number;
}

/** A comment that keeps proxies from closing an idle stream and means nothing to a client. */
export const SSE_KEEP_ALIVE = ': keep-alive\n\n';

/** One event as text. Line breaks in the data become several `data` lines; in `event` and `id` they are left out, because they would end the line. */
export function sseEvent(data: string, fields: SseFields = {}): string {
  let text = '';
  if (fields.event !== undefined) text += `event: ${oneLine(fields.event)}\n`;
  if (fields.id !== undefined) text += `id: ${oneLine(fields.id)}\n`;
  if (fields.retry !== undefined) text += `retry: ${fields.retry}\n`;
  for (const line of data.split(/\r\n|\r|\n/)) text += `data: ${line}\n`;
  return `${text}\n`;
}

function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, '');
}
