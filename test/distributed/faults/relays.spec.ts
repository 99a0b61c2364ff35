import { TOPIC } from '@sallyport/broker';
import { AdminClient, CreateIdentityDocument } from '@sallyport/graphql-contract';
import { checkStream } from '@sallyport/event-stream/testing';
import { checkHistory } from '@sallyport/test-support';
import { decodeSignedRecord, decodeStreamBody } from '@sallyport/wire';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { accepted } from '../../e2e/world/accepted.js';
import { Distribution } from '../world/distribution.js';
import { Tenant, type Held } from '../world/tenant.js';

const CHANGES = 60;

let all: Distribution;
let tenant: Tenant;
let held: Held;
let second: AdminClient;

beforeAll(async () => {
  all = await Distribution.start({ workers: 2 });
  tenant = await Tenant.create(all.fleet.world, all.upstream.url);
  held = await tenant.grant();
  second = new AdminClient({ url: await all.fleet.addControlPlane(), token: all.fleet.world.adminToken, organisation: tenant.organisationId });
});
afterAll(() => all?.end());

/** Changes made at once; resolves with how many were answered as committed by the time that so many were, and goes on in the background. */
async function burst(admin: AdminClient, until: number): Promise<Promise<number>> {
  let committed = 0;
  const changes = Array.from({ length: CHANGES }, async () => {
    const input = { name: all.fleet.world.name('burst'), kind: 'agent' as const, labels: [] };
    accepted((await admin.run(CreateIdentityDocument, { input })).createIdentity);
    committed += 1;
  });
  const ended = Promise.allSettled(changes).then(() => committed);
  await vi.waitFor(() => expect(committed).toBeGreaterThanOrEqual(until), { timeout: 30_000, interval: 1 });
  return ended;
}

/** What came on the stream, as a reader finds it: every position once in its turn, and no stamp that speaks of what has not come. */
async function streamNow(): Promise<ReturnType<typeof checkStream>> {
  const bodies = (await all.events()).flatMap(({ value }) => (value === null ? [] : [decodeStreamBody(decodeSignedRecord(value).body)]));
  return checkStream(bodies);
}

/** A change through the second control plane is enforced, and everything before it is on the stream. */
async function expectWhole(): Promise<void> {
  const input = { name: all.fleet.world.name('last'), kind: 'agent' as const, labels: [], waitFor: 'ENFORCED' as const };
  const { revision, enforcement } = await vi.waitFor(async () => {
    const made = accepted((await second.run(CreateIdentityDocument, { input: { ...input, name: all.fleet.world.name('last') } })).createIdentity);
    expect(made.enforcement?.reached).toBe(true);
    return made;
  }, { timeout: 60_000, interval: 100 });
  expect(enforcement?.outstanding).toEqual([]);
  const stream = await streamNow();
  expect(stream.broken).toEqual([]);
  expect(stream.order.filter((place) => place.startsWith(tenant.organisationId))).toEqual(Array.from({ length: revision }, (_, index) => `${tenant.organisationId}/${index + 1}`));
  await vi.waitFor(async () => expect(await all.seen.verdicts(held)).toEqual(['allowed', 'allowed']), { timeout: 30_000, interval: 50 });
  expect(checkHistory(all.seen.history())).toEqual([]);
}

describe('two relays on one database', () => {
  it('publish every change once in its turn when the one that leads stands still mid-batch and comes back later', async () => {
    const first = all.fleet.pidOf('control-plane');
    const ended = await burst(tenant.admin, CHANGES / 4);
    process.kill(first, 'SIGSTOP');
    try {
      await expectWhole();
    } finally {
      process.kill(first, 'SIGCONT');
    }
    await ended;
    await expectWhole();
  });

  it('lose nothing that was committed when the one that leads is killed mid-batch', async () => {
    const ended = await burst(tenant.admin, CHANGES / 4);
    await all.fleet.kill(all.fleet.pidOf('control-plane'));
    expect(await ended).toBeGreaterThanOrEqual(CHANGES / 4);
    await expectWhole();
    expect((await all.wire.read(TOPIC.events)).length).toBeGreaterThan(CHANGES);
  });
});
