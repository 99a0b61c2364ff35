import { MemoryCluster, TOPIC } from '@sallyport/broker';
import { reportPublication } from '@sallyport/event-stream';
import { checkStream, readStream } from '@sallyport/event-stream/testing';
import { branded, type EpochMs, type OrganisationId, type Revision } from '@sallyport/kernel';
import type { WorkerReport } from '@sallyport/wire';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { aStreamClient, subscribe } from '../../testing/a-stream.js';
import { aStreamOfOne } from '../../testing/a-stream-of-one.js';
import { anOrganisation, type TestOrganisation } from '../../testing/an-organisation.js';
import { mutate } from '../../testing/mutate.js';

describe('a control plane with workers elsewhere', () => {
  let cluster: MemoryCluster;
  let stream: Awaited<ReturnType<typeof aStreamOfOne>>;
  let world: TestControlPlane;
  let organisation: TestOrganisation;
  let sequence = 0;
  let start = 1;
  beforeAll(async () => {
    cluster = new MemoryCluster();
    stream = await aStreamOfOne(cluster);
    world = await aControlPlane({ stream, clock: machineClock });
    organisation = await anOrganisation(world, 'Streams');
  });
  afterAll(() => world.close());
  /** Each test has a worker of its own start: what one applied it has applied for good. */
  afterEach(async () => {
    await report('w1', 0, { state: 'stopped' });
    start += 1;
  });

  const machineClock = { now: () => branded<EpochMs>(Date.now()), monotonicMs: () => performance.now() };
  const report = async (workerId: string, applied: number, change: Partial<WorkerReport> = {}) => {
    sequence += 1;
    const said: WorkerReport = {
      workerId, incarnation: `01990000-0000-7000-8000-${String(start).padStart(12, '0')}`, sequence, state: 'ready', stampAgeMs: 12, position: 0,
      applied: applied === 0 ? [] : [{ organisationId: branded<OrganisationId>(organisation.id), revision: branded<Revision>(applied), stateHash: null }],
      nacks: [], refusedRecords: [], ...change,
    };
    await stream.broker.publish([reportPublication(stream.mac, said)]);
  };
  const ask = async (query: string) => {
    const { data, errors } = await world.ask(query, { token: organisation.adminToken });
    expect(errors).toEqual([]);
    return data;
  };
  const add = (name: string, waitFor: string) =>
    mutate(world, 'createIdentity', 'enforcement { reached outstanding workers { workerId appliedRevision state } }', { name, kind: 'agent', waitFor }, { token: organisation.adminToken });
  const events = () => readStream(cluster, TOPIC.events, stream.signer);

  it('hands on every event of every organisation, in order', async () => {
    await add('first', 'PUBLISHED');
    const { order, broken } = checkStream(events());
    expect(broken).toEqual([]);
    const { revision } = (await ask('{ revision }')) as { revision: number };
    expect(order.filter((one) => one.startsWith(organisation.id))).toEqual(Array.from({ length: revision }, (_, n) => `${organisation.id}/${n + 1}`));
  });

  it('says that a change was published once it was', async () => {
    const answer = await add('published', 'PUBLISHED');
    expect(answer['enforcement']).toMatchObject({ reached: true, outstanding: [] });
    expect(checkStream(events()).order).toContain(`${organisation.id}/${answer.revision}`);
  });

  it('publishes within tens of milliseconds', async () => {
    const tookMs: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const before = performance.now();
      await add(`quick-${n}`, 'PUBLISHED');
      tookMs.push(performance.now() - before);
    }
    // A whole mutation, waited for: a wake-up that were lost would take half a second.
    expect(tookMs.sort((one, other) => one - other)[10]).toBeLessThan(250);
  });

  it('says that a change is enforced once every worker has applied it', async () => {
    const { revision: before } = (await ask('{ revision }')) as { revision: number };
    await report('w1', before);
    const waiting = add('enforced', 'ENFORCED');
    await publishedUpTo(before + 1);
    await report('w1', before + 1);
    expect((await waiting)['enforcement']).toEqual({ reached: true, outstanding: [], workers: [{ workerId: 'w1', appliedRevision: before + 1, state: 'ready' }] });
  });

  it('names at once the workers that are behind, and shows what each has', async () => {
    const { revision } = (await ask('{ revision }')) as { revision: number };
    await report('w1', revision - 1, { refusedRecords: [{ code: 'stream.bad_signature', count: 3 }] });
    expect(await ask(`{ enforcement(revision: ${revision}) { reached outstanding workers { workerId appliedRevision } } }`)).toEqual({
      enforcement: { reached: false, outstanding: ['w1'], workers: [{ workerId: 'w1', appliedRevision: revision - 1 }] },
    });
    expect(await ask('{ workers { workerId state appliedRevision stampAgeMs nack refusedRecords { code count } } }')).toMatchObject({
      workers: [{ workerId: 'w1', state: 'ready', appliedRevision: revision - 1, nack: null, refusedRecords: [{ code: 'stream.bad_signature', count: 3 }] }],
    });
  });

  it('tells a subscriber each step, until all have applied it', async () => {
    const { revision } = (await ask('{ revision }')) as { revision: number };
    await report('w1', revision - 1);
    const client = aStreamClient(world.url, organisation.adminToken);
    const steps = subscribe(client, `subscription { enforcement(revision: ${revision}) { reached outstanding workers { appliedRevision } } }`);
    const next = async () => ((await steps.next()).value as { data?: { enforcement?: unknown } } | undefined)?.data?.enforcement;
    expect(await next()).toEqual({ reached: false, outstanding: ['w1'], workers: [{ appliedRevision: revision - 1 }] });
    await report('w1', revision);
    expect(await next()).toEqual({ reached: true, outstanding: [], workers: [{ appliedRevision: revision }] });
    expect((await steps.next()).done).toBe(true);
    await client.dispose();
  });

  it('calls a change enforced that was published longer ago than a silent worker may go on', async () => {
    const { revision } = (await ask('{ revision }')) as { revision: number };
    await report('w1', revision);
    const { revision: next } = await add('silent', 'PUBLISHED');
    const startedMs = performance.now();
    const data = await ask(`{ enforcement(revision: ${next}, waitFor: ENFORCED) { reached outstanding } }`);
    expect(data).toEqual({ enforcement: { reached: true, outstanding: [] } });
    expect(performance.now() - startedMs).toBeGreaterThan(6_000);
  }, 20_000);

  async function publishedUpTo(revision: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const following = stream.broker.follow(TOPIC.events, {
        from: 'start',
        onFault: () => undefined,
        onBatch: () => {
          if (!checkStream(events()).order.includes(`${organisation.id}/${revision}`)) return;
          resolve();
          void following.close();
        },
      });
    });
  }
});
