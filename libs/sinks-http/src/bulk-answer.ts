import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';
import type { Delivery } from '@sallyport/sinks';

import type { HttpAnswer } from './http-client.js';
import { jsonAnswer } from './json-answer.js';
import { later, statusDelivery, type StatusAdvice } from './status-delivery.js';

/** What to do about answers of `_bulk` that wait for a person. */
export const BULK_ADVICE: StatusAdvice = {
  auth: 'Give the sink a credential that may create documents in the index, or grant that to the one it has.',
  address: 'Check the address, and that the index or data stream exists or may be created by writing to it.',
};

interface Item {
  readonly status: number;
  readonly type: string;
  readonly field: string;
}

/**
 * What the answer of `_bulk` means. Inside HTTP 200 every item has a status of its own: 409 says that a document with this id is there already, which
 * is success; 429 and 5xx concern that item alone; any other refusal is for good.
 */
export function bulkDelivery(answer: HttpAnswer, count: number): Delivery {
  if (answer.status !== 200) return statusDelivery(answer, BULK_ADVICE);
  const items = itemsOf(jsonAnswer(answer));
  if (items === null || items.length !== count) return later(answer, 'The receiver did not say what became of each event.');
  const barred = items.find(isBarred);
  if (barred !== undefined) return barredDelivery(barred);
  const again = indexes(items, ({ status }) => mayPass(status));
  const rejected = indexes(items, ({ status }) => !isThere(status) && !mayPass(status)).map((index) => ({ index, reason: reasonOf(items[index]) }));
  if (again.length === 0 && rejected.length === 0) return { kind: 'delivered' };
  const wait = answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs };
  if (again.length === count) return { kind: 'unavailable', reason: AGAIN, ...wait };
  return { kind: 'partly', rejected, again, ...(again.length === 0 ? {} : { reason: AGAIN, ...wait }) };
}

const AGAIN = 'The receiver could not take some events just now.';
const CONFLICT = 409;

function isThere(status: number): boolean {
  return (status >= 200 && status < 300) || status === CONFLICT;
}

function mayPass(status: number): boolean {
  return status === 429 || status === 408 || status >= 500 || status === 403;
}

/** No event will pass: the credential lacks a right, or there is no index. A 403 of another type is a block, such as of a full disk, which ends. */
function isBarred({ status, type }: Item): boolean {
  return status === 401 || (status === 403 && type === 'security_exception') || status === 404;
}

function barredDelivery({ status }: Item): Delivery {
  const reason = `The receiver answered ${status} for the events.`;
  if (status === 404) return { kind: 'paused', cause: 'config', reason, advice: BULK_ADVICE.address };
  return { kind: 'paused', cause: 'auth', reason, advice: BULK_ADVICE.auth };
}

function indexes(items: readonly Item[], of: (item: Item) => boolean): number[] {
  return items.flatMap((item, index) => (of(item) ? [index] : []));
}

/** The kind of error and the field it is about; never the receiver's sentence, which quotes values. */
function reasonOf(item: Item | undefined): string {
  if (item === undefined) return 'The receiver refused the event.';
  return `The receiver refused the event with ${item.status}${item.type === '' ? '' : ` (${item.type})`}${item.field === '' ? '' : `, field ${item.field}`}.`;
}

function itemsOf(body: JsonObject | null): readonly Item[] | null {
  const items = body?.['items'];
  if (!Array.isArray(items)) return null;
  const read = items.map(itemOf);
  return read.every((item) => item !== null) ? read : null;
}

function itemOf(given: JsonValue): Item | null {
  if (!isJsonObject(given)) return null;
  const result = given['create'];
  if (!isJsonObject(result) || typeof result['status'] !== 'number') return null;
  const error = isJsonObject(result['error']) ? result['error'] : {};
  return { status: result['status'], type: word(error['type'], /^[a-z_]{1,64}$/), field: word(fieldIn(error['reason']), /^[\w.@-]{1,100}$/) };
}

function fieldIn(reason: JsonValue | undefined): string | undefined {
  return typeof reason === 'string' ? /\bfield \[([^\]]*)\]/.exec(reason)?.[1] : undefined;
}

function word(given: JsonValue | undefined, form: RegExp): string {
  return typeof given === 'string' && form.test(given) ? given : '';
}
