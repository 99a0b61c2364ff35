import { TOPIC } from '@sallyport/broker';
import { checkStream } from '@sallyport/event-stream/testing';
import { checkHistory } from '@sallyport/test-support';
import { decodeSignedRecord, decodeStreamBody } from '@sallyport/wire';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { Distribution } from '../world/distribution.js';
import { KafkaLeaders } from '../world/kafka-leaders.js';
import { storedCalls, storedRecords, toldHoles } from '../world/stored-records.js';
import { Tenant, type Held } from '../world/tenant.js';

const SOON = { timeout: 60_000, interval: 100 };
const TOPICS = Object.values(TOPIC);
/** What is no answer of a gateway that decided: such a call has no record. */
const UNRECORDED = new Set(['unreachable', '401', '503']);

let all: Distribution;
let tenant: Tenant;
let held: Held;
let leaders: KafkaLeaders;

beforeAll(async () => {
  all = await Distribution.start({ workers: 2, brokers: 3 });
  leaders = new KafkaLeaders(all.services);
  tenant = await Tenant.create(all.fleet.world, all.upstream.url);
  held = await tenant.grant();
});
afterAll(() => all?.end());

/** Changes one after another until told to stop: grants, every second one revoked again. What was answered is kept. */
function keepChanging() {
  const issued: Held[] = [];
  const revoked: Held[] = [];
  let isStopped = false;
  const loop = (async () => {
    while (!isStopped) {
      const grant = await tenant.grant({ waitFor: 'COMMITTED' }).catch(() => null); // not answered: it may or may not be
      if (grant === null) continue;
      if (issued.length <= revoked.length) issued.push(grant);
      else if ((await all.seen.revoke(tenant, grant)).enforced) revoked.push(grant);
    }
  })();
  return {
    issued,
    revoked,
    more: (count: number) => {
      const target = issued.length + revoked.length + count;
      return vi.waitFor(() => expect(issued.length + revoked.length).toBeGreaterThanOrEqual(target), SOON);
    },
    stop: async () => {
      isStopped = true;
      await loop;
    },
  };
}

/** Kills a node under calls and changes, which go on once another leads in its place, and starts it again. */
async function killUnderTraffic(nodeId: number): Promise<void> {
  const node = all.services.kafka.nodes.find((one) => one.nodeId === nodeId);
  if (node === undefined) throw new Error(`no node ${nodeId}`);
  const callers = all.seen.keepCalling(held);
  const changes = keepChanging();
  await Promise.all([callers.more(5), changes.more(2)]);
  await node.crash();
  await vi.waitFor(async () => expect([await leaders.of(TOPIC.events), leaders.controller(nodeId === 1 ? 2 : 1)]).not.toContain(nodeId), SOON);
  await changes.more(4);
  await vi.waitFor(async () => expect(await all.seen.verdicts(held)).toEqual(['allowed', 'allowed']), SOON);
  await callers.more(10);
  await all.services.kafka.restart(nodeId);
  await leaders.untilInStep(TOPICS);
  await changes.more(2);
  await Promise.all([callers.stop(), changes.stop()]);
  for (const grant of changes.issued) await vi.waitFor(async () => expect(await all.seen.verdicts(grant)).toEqual(['allowed', 'allowed']), SOON);
  for (const grant of changes.revoked) expect(await all.seen.verdicts(grant)).toEqual(['401', '401']);
}

/** Every change is on the stream once in its turn, and every call that was decided is stored once, with no number missing. */
async function expectWhole(): Promise<void> {
  const last = await tenant.grant();
  const bodies = (await all.events()).flatMap(({ value }) => (value === null ? [] : [decodeStreamBody(decodeSignedRecord(value).body)]));
  const { broken, order } = checkStream(bodies);
  expect(broken).toEqual([]);
  const ours = order.filter((place) => place.startsWith(tenant.organisationId));
  expect(ours).toEqual(ours.map((_, index) => `${tenant.organisationId}/${index + 1}`));
  expect(await all.seen.verdicts(last, 'allowed')).toEqual(['allowed', 'allowed']);
  const { databaseUrl } = all.services;
  const decided = all.seen.calls.filter(({ grant, verdict }) => grant === held.grantId && !UNRECORDED.has(verdict)).length;
  await vi.waitFor(async () => expect(await storedCalls(databaseUrl, held.grantId)).toBe(decided), SOON);
  await vi.waitFor(async () => {
    const holes = await toldHoles(all.fleet.world.url, all.fleet.world.adminToken);
    expect(checkHistory(all.seen.history({ audit: await storedRecords(databaseUrl), holes }))).toEqual([]);
    expect(holes).toEqual([]);
  }, SOON);
  expect(await all.wire.read(TOPIC.auditRejected)).toEqual([]);
}

describe('a Kafka of three nodes', () => {
  it('keeps three copies of everything, of which two have to have what was acknowledged', async () => {
    await leaders.untilInStep(TOPICS);
    const partitions = await leaders.partitions(TOPICS);
    expect(new Set(partitions.map(({ topic }) => topic))).toEqual(new Set(TOPICS));
    expect(new Set(partitions.map(({ copies }) => copies))).toEqual(new Set([3]));
    for (const topic of TOPICS) expect(await leaders.setting(topic, 'min.insync.replicas')).toBe('2');
  });

  it('loses no change and no record, and doubles none, when the node that leads the changes is killed under calls and changes [audit/nothing-lost]', async () => {
    await killUnderTraffic(await leaders.of(TOPIC.events));
    await expectWhole();
  });

  it('nor when the node that leads the controllers is [audit/nothing-lost]', async () => {
    await killUnderTraffic(leaders.controller());
    await expectWhole();
  });
});
