import type { Delivery } from '@sallyport/sinks';

import type { HttpAnswer } from './http-client.js';
import { jsonAnswer } from './json-answer.js';
import { statusDelivery, type StatusAdvice } from './status-delivery.js';

/** What to do about answers of HEC that wait for a person. */
export const SPLUNK_ADVICE: StatusAdvice = {
  auth: 'Check that the token is enabled in Splunk, and give the sink a valid one.',
  address: 'Give the address of the HTTP Event Collector, such as https://splunk.example.com:8088, without a path.',
};

/** What HEC's answer to events means. HEC numbers what is wrong; those numbers tell a wrong setting from wrong data. */
export function splunkDelivery(answer: HttpAnswer): Delivery {
  if (answer.status === 400) return dataError(jsonAnswer(answer)?.['code']);
  return statusDelivery(answer, SPLUNK_ADVICE);
}

/** The number by which to ask whether a batch is indexed; null where the receiver gave none. */
export function ackIdOf(answer: HttpAnswer): number | null {
  const ackId = jsonAnswer(answer)?.['ackId'];
  return typeof ackId === 'number' && Number.isSafeInteger(ackId) ? ackId : null;
}

const WRONG_INDEX = 7;
const NO_CHANNEL: ReadonlySet<unknown> = new Set([10, 11]);

function dataError(code: unknown): Delivery {
  const reason = `The receiver answered HTTP 400${typeof code === 'number' ? `, code ${code}` : ''}`;
  if (code === WRONG_INDEX) return { kind: 'paused', cause: 'config', reason: `${reason}: the index is not there, or not allowed for the token.`, advice: 'Create the index in Splunk and allow it for the token, or change `index` of the sink.' };
  if (NO_CHANNEL.has(code)) return { kind: 'paused', cause: 'config', reason: `${reason}: the token wants indexer acknowledgement.`, advice: 'Set `acknowledgement` of the sink to true, or switch it off for the token in Splunk.' };
  return { kind: 'unfit', reason: `${reason}: it cannot read the data.` };
}
