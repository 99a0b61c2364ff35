import type { Delivery } from '@sallyport/sinks';
import { aBatch, outgoingEvents } from '@sallyport/sinks/testing';
import { describe, expect, it } from 'vitest';

import { bulkDelivery } from './bulk-answer.js';
import { elasticsearch } from './bulk-sink-types.js';
import type { HttpAnswer } from './http-client.js';
import { examined, fakedBulk } from './testing/examined.js';

const NEVER = new AbortController().signal;

async function delivered(count: number, statuses: Readonly<Record<number, number>>): Promise<Delivery> {
  const faked = fakedBulk();
  const { type, configuration, tools, receiver } = await examined(faked);
  const events = outgoingEvents(count);
  faked.dialect.script = new Map(Object.entries(statuses).map(([index, status]) => [events[Number(index)]?.stored.eventId ?? '', status]));
  const sink = type.open(configuration, tools);
  const delivery = await sink.deliver(aBatch(events), NEVER);
  await sink.close();
  await receiver.close();
  return delivery;
}

function answer(status: number, body: unknown, complete = true): HttpAnswer {
  return { status, body: Buffer.from(JSON.stringify(body)), complete };
}

describe('_bulk', () => {
  it('tells items apart: 3 refused, 7 again, 5 there already, 485 taken', async () => {
    const statuses: Record<number, number> = {};
    for (const at of [10, 200, 499]) statuses[at] = 400;
    for (const at of [1, 2, 3, 100, 101, 300, 498]) statuses[at] = 429;
    for (const at of [20, 21, 22, 23, 24]) statuses[at] = 409;
    const delivery = await delivered(500, statuses);
    expect(delivery).toMatchObject({ kind: 'partly', again: [1, 2, 3, 100, 101, 300, 498] });
    if (delivery.kind !== 'partly') return;
    expect(delivery.rejected.map(({ index }) => index)).toEqual([10, 200, 499]);
    expect(delivery.rejected[0]?.reason).toBe('The receiver refused the event with 400 (mapper_parsing_exception), field user.id.');
    expect(JSON.stringify(delivery)).not.toContain('SECRET');
  });

  it('is unavailable when every item is to be sent again, and delivered when all are there already', async () => {
    expect(await delivered(2, { 0: 429, 1: 503 })).toMatchObject({ kind: 'unavailable' });
    expect(await delivered(2, { 0: 409, 1: 409 })).toEqual({ kind: 'delivered' });
  });

  it('sends again behind a block that ends, and is paused behind a missing right or index', async () => {
    expect(await delivered(2, { 1: 403 })).toMatchObject({ kind: 'partly', again: [1], rejected: [] });
    const item = (status: number, type: string): HttpAnswer => answer(200, { items: [{ create: { status, error: { type } } }] });
    expect(bulkDelivery(item(403, 'security_exception'), 1)).toMatchObject({ kind: 'paused', cause: 'auth' });
    expect(bulkDelivery(item(404, 'index_not_found_exception'), 1)).toMatchObject({ kind: 'paused', cause: 'config' });
  });

  it.each([
    ['mapper_parsing_exception', 'failed to parse field [SECRET value] of type [long]', 'The receiver refused the event with 400 (mapper_parsing_exception).'],
    ['SECRET value', 'failed to parse field [user.id] of type [long]', 'The receiver refused the event with 400, field user.id.'],
    ['mapper_parsing_exception', `field [${'SECRET'.repeat(50)}]`, 'The receiver refused the event with 400 (mapper_parsing_exception).'],
    [7, { SECRET: 'value' }, 'The receiver refused the event with 400.'],
  ])('names of a refusal only what is a kind of error and a field: %j, %j', (type, reason, said) => {
    const item = { create: { status: 400, error: { type, reason } } };
    expect(bulkDelivery(answer(200, { items: [item] }), 1)).toEqual({ kind: 'partly', again: [], rejected: [{ index: 0, reason: said }] });
  });

  it('takes no answer for a yes that does not name every item', () => {
    const yes = { create: { status: 201 } };
    for (const [body, complete] of [[{ items: [yes] }, true], [{ items: [yes, yes] }, false], [{ items: [yes, { index: { status: 201 } }] }, true], [{}, true], ['x', true]] as const) {
      expect(bulkDelivery(answer(200, body, complete), 2)).toMatchObject({ kind: 'unavailable' });
    }
    expect(bulkDelivery(answer(413, {}), 2)).toMatchObject({ kind: 'unfit' });
  });

  it('writes by create under the event id, with a time of its own in documents that bring none', async () => {
    const { type, configuration, tools, receiver } = await examined(fakedBulk());
    const [event] = outgoingEvents(1);
    if (event === undefined) return;
    const sink = type.open({ ...configuration, format: 'native' }, tools);
    await sink.deliver(aBatch([event]), NEVER);
    const [action, document] = receiver.received[0]?.body.toString().split('\n') ?? [];
    expect(receiver.received[0]?.path).toMatch(/^\/logs-sallyport\.audit-default\/_bulk\?filter_path=/);
    expect(JSON.parse(action ?? '')).toEqual({ create: { _id: event.stored.eventId } });
    expect(JSON.parse(document ?? '')).toEqual({ '@timestamp': event.stored.time, ...event.event });
    await sink.close();
    await receiver.close();
  });

  it('signs in one way only', () => {
    const of = (settings: object, credentials: Readonly<Record<string, string>>) => elasticsearch.check({ settings: { url: 'https://es.test', ...settings }, credentials, format: 'ecs', formatVersion: null });
    expect(of({}, { api_key: 'a', bearer_token: 'b' })).toMatchObject({ refusal: [{ pointer: '/credentials/bearer_token' }] });
    expect(of({ username: 'u' }, {})).toMatchObject({ refusal: [{ pointer: '/credentials/password' }] });
    expect(of({}, { password: 'p' })).toMatchObject({ refusal: [{ pointer: '/settings/username' }] });
    expect(of({}, { api_key: 'a\r\nx: y' })).toMatchObject({ refusal: [{ pointer: '/credentials/api_key' }] });
  });
});
