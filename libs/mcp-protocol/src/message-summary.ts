import type { RpcId, Span } from './frame.js';

/** What is wrong with a message from an upstream. A closed set. */
export const MESSAGE_FAULTS = [
  'not_json',
  'batch',
  'not_json_rpc',
  'duplicate_key',
  'second_message',
  'not_a_response',
  'id_missing',
  'id_mismatch',
  'incomplete',
] as const;
export type MessageFault = (typeof MESSAGE_FAULTS)[number];

/** What a gateway learns of a message without holding it. Spans count from the message's first byte. */
export interface MessageSummary {
  readonly kind: 'result' | 'error' | 'request' | 'notification';
  /** Source text; `null` for notifications. */
  readonly id: RpcId | null;
  readonly idSpan: Span | null;
  readonly method: string | null;
  /** `error.code`, where it is a number. */
  readonly errorCode: number | null;
  /** `result.isError` is `true`. */
  readonly isError: boolean;
  /** `result.resultType`; absent means `complete`. */
  readonly resultType: string | null;
  /** Source text of `params.progressToken` (`notifications/progress`). */
  readonly progressToken: string | null;
  readonly progressTokenSpan: Span | null;
  readonly bytes: number;
}
