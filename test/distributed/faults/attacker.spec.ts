import { TOPIC, type BrokerRecord, type Publication } from '@sallyport/broker';
import { keyAnnouncements, signedPublications } from '@sallyport/event-stream';
import { branded, type EpochMs } from '@sallyport/kernel';
import { Ed25519Signer } from '@sallyport/signatures-ed25519';
import { checkHistory } from '@sallyport/test-support';
import { decodeSignedRecord, decodeStreamBody, encodeSignedRecord, type EventRecord } from '@sallyport/wire';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { publicationOf } from '../world/deceiving-broker.js';
import { Distribution } from '../world/distribution.js';
import { startExtraWorker } from '../world/extra-worker.js';
import { freshSnapshots, type Shelf } from '../world/snapshots.js';
import { Tenant, type Held } from '../world/tenant.js';
import { appendUnreadableEvent } from '../world/unreadable-event.js';

let all: Distribution;
let tenant: Tenant;
let other: Tenant;
let held: Held;
let revoked: Held;
let others: Held;

beforeAll(async () => {
  all = await Distribution.start({ workers: 2 });
  [tenant, other] = [await Tenant.create(all.fleet.world, all.upstream.url), await Tenant.create(all.fleet.world, all.upstream.url)];
  [held, revoked, others] = [await tenant.grant(), await tenant.grant(), await other.grant()];
});
afterAll(() => all.end());

const both = <Of>(what: Of): readonly Of[] => [what, what];
const eventOf = (record: BrokerRecord): EventRecord | null => {
  const body = record.value === null ? null : decodeStreamBody(decodeSignedRecord(record.value).body);
  return body?.kind === 'event' ? body : null;
};

describe('who can write to the broker, and has no key', () => {
  it('opens nothing and closes nothing: what is unsigned, altered, signed by a stranger or under another name is refused, counted and told', async () => {
    expect((await all.seen.revoke(tenant, revoked)).enforced).toBe(true);
    const genuine = (await all.events()).filter((record) => eventOf(record)?.organisationId === tenant.organisationId);
    const newest = genuine.at(-1);
    const event = newest === undefined ? null : eventOf(newest);
    if (newest === undefined || newest.value === null || event === null) throw new Error('the events are on the topic');
    const signed = decodeSignedRecord(newest.value);
    const stranger = Ed25519Signer.generate();
    const next: EventRecord = { ...event, position: event.position + 1, revision: event.revision };
    await all.wire.write(
      { topic: TOPIC.events, key: tenant.organisationId, value: Buffer.from('grants for everybody') },
      { ...publicationOf(newest), value: encodeSignedRecord({ ...signed, body: altered(signed.body) }) },
      { ...publicationOf(newest), key: other.organisationId },
      { topic: TOPIC.events, key: tenant.organisationId, value: null },
      ...signedPublications(stranger, TOPIC.events, next),
      ...keyAnnouncements(stranger, stranger, branded<EpochMs>(Date.now())),
      ...signedPublications(stranger, TOPIC.events, next),
      ...genuine.map(publicationOf),
    );
    for (const reason of ['stream.unreadable_record', 'stream.bad_signature', 'stream.misplaced', 'stream.unsigned', 'stream.unknown_key']) {
      await all.status.until(all.workerIds, ({ refusedRecords }) => refusedRecords.some(({ code, count }) => code === reason && count > 0));
    }
    expect(await all.seen.verdicts(held, 'allowed')).toEqual(both('allowed'));
    expect(await all.seen.verdicts(revoked)).toEqual(both('401'));
    expect(await all.seen.verdicts(others, 'allowed')).toEqual(both('allowed'));
    expect(all.fleet.world.process.stderr).toMatch(/stream\.bad_signature|not signed by the control plane/);
  });

  it('stops nothing that way: the next change is enforced, and equal revisions have equal state everywhere', async () => {
    const next = await tenant.grant();
    expect(await all.seen.verdicts(next, 'allowed')).toEqual(both('allowed'));
    expect((await all.seen.revoke(tenant, next)).enforced).toBe(true);
    expect(await all.seen.verdicts(next)).toEqual(both('401'));
    expect(checkHistory(all.seen.history())).toEqual([]);
  });

  it('gives a worker that starts neither another organisation’s snapshot nor an older one of its own', async () => {
    const late = await tenant.grant();
    const old = recordIn(await freshSnapshots(all.fleet.world, all.wire), tenant);
    expect((await all.seen.revoke(tenant, late)).enforced).toBe(true);
    const ours = recordIn(await freshSnapshots(all.fleet.world, all.wire), tenant);
    await all.wire.write({ ...ours, key: other.organisationId }, old);
    const starts = await startExtraWorker(all.fleet, { workerId: 'worker-new' });
    for (const gone of [revoked, late]) expect(await all.seen.call(starts, gone)).not.toBe('allowed');
    for (const live of [held, others]) await vi.waitFor(async () => expect(await all.seen.call(starts, live)).toBe('allowed'), { timeout: 30_000, interval: 100 });
    for (const gone of [revoked, late]) expect(await all.seen.call(starts, gone)).toBe('401');
    await all.status.until(['worker-new'], ({ refusedRecords }) => refusedRecords.some(({ code }) => code === 'stream.misplaced'));
    expect(checkHistory(all.seen.history())).toEqual([]);
    await all.fleet.kill(starts.pid);
  });
});

describe('an event that this version cannot read', () => {
  it('stops its organisation alone: it is refused everywhere and told, while others go on and their changes are enforced [organisations/isolated]', async () => {
    const callers = all.seen.keepCalling(others, { expected: 'allowed' });
    const revision = await appendUnreadableEvent(all.services.databaseUrl, tenant.organisationId);
    await all.status.until(all.workerIds, ({ nacks }) => nacks.some(({ organisationId }) => organisationId === tenant.organisationId));
    expect(await all.seen.verdicts(held)).toEqual(both('policy_stale'));
    const next = await other.grant();
    expect(await all.seen.verdicts(next, 'allowed')).toEqual(both('allowed'));
    expect((await all.seen.revoke(other, next)).enforced).toBe(true);
    await callers.more(3);
    await callers.stop();
    const applied = all.status.reports.flatMap((report) => report.applied.filter(({ organisationId }) => organisationId === tenant.organisationId).map((one) => one.revision));
    expect(Math.max(...applied)).toBeLessThan(revision);
    expect(checkHistory(all.seen.history())).toEqual([]);
  });
});

function recordIn(shelf: Shelf, { organisationId }: Tenant): Publication {
  const found = shelf.get(organisationId)?.record;
  if (found === undefined) throw new Error(`${organisationId} has no snapshot`);
  return found;
}

/** The bytes with one bit of the middle turned. */
function altered(bytes: Uint8Array): Uint8Array {
  const other = Uint8Array.from(bytes);
  const middle = Math.floor(other.length / 2);
  other[middle] = (other[middle] ?? 0) ^ 1;
  return other;
}
