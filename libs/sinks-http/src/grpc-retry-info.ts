import { fieldBytes, integerField } from './otlp-request.js';
import { MAX_RETRY_AFTER_MS } from './retry-after.js';

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';
const DETAILS = 3;

/**
 * How long a gRPC server wants to be left alone: the RetryInfo among the details of its status (`grpc-status-details-bin`, base64 of
 * google.rpc.Status).
 *
 * @returns Milliseconds, capped at an hour; null when it does not say.
 */
export function retryDelayMs(header: string | readonly string[] | undefined): number | null {
  if (typeof header !== 'string') return null;
  const detail = fieldBytes(Buffer.from(header, 'base64'), DETAILS);
  if (detail === null || detail === 'absent' || textField(detail, 1) !== RETRY_INFO) return null;
  const info = fieldBytes(detail, 2);
  const delay = info === null || info === 'absent' ? null : fieldBytes(info, 1);
  if (delay === null) return null;
  if (delay === 'absent') return 0;
  const [seconds, nanos] = [integerField(delay, 1), integerField(delay, 2)];
  return seconds === null || nanos === null ? null : Math.min(Math.max(0, seconds * 1_000 + Math.ceil(nanos / 1_000_000)), MAX_RETRY_AFTER_MS);
}

function textField(message: Uint8Array, field: number): string | null {
  const bytes = fieldBytes(message, field);
  return bytes === null || bytes === 'absent' ? null : Buffer.from(bytes).toString('utf8');
}
