import type { DecisionRecord } from '@sallyport/audit';
import { branded, type OrganisationId } from '@sallyport/kernel';
import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { aStreamClient, subscribe } from '../../testing/a-stream.js';
import { aCompleted, aDecided, sequenced, testId } from '../../testing/decision-records.js';

const STREAM = 'subscription ($filter: DecisionFilter) { decisionStream(filter: $filter) { decisionId outcome tool } }';

describe('decision stream', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  const clients: Client[] = [];
  const client = (token = world.operatorToken, params = {}) => {
    const made = aStreamClient(world.url, token, params);
    clients.push(made);
    return made;
  };
  const store = (...records: readonly DecisionRecord[]) => world.plane.auditBus.publish(sequenced(...records));
  const streams = async () => Number((await world.plane.metrics.getSingleMetric('sallyport_decision_streams')?.get())?.values[0]?.value ?? 0);
  const untilStreams = (count: number) => expect.poll(streams, { timeout: 5_000, interval: 5 }).toBe(count);
  const newToken = async () => {
    const { data } = await world.ask('mutation { createToken(input: { role: viewer }) { ... on CreateTokenPayload { token adminToken { id } } } }');
    return data?.['createToken'] as { token: string; adminToken: { id: string } };
  };

  beforeAll(async () => {
    world = await aControlPlane();
    const { data } = await world.ask('{ organisation { id } }');
    home = branded<OrganisationId>((data?.['organisation'] as { id: string }).id);
  });
  afterEach(async () => {
    for (const open of clients.splice(0)) await open.dispose();
    await untilStreams(0);
  });
  afterAll(() => world.close());

  it('brings each decision once, when it has its outcome', async () => {
    const stream = subscribe(client(), STREAM);
    const first = stream.next();
    await untilStreams(1);
    await store(aDecided(home, 1));
    await store(aDecided(home, 2, { effect: 'deny', outcome: 'denied' }));
    await store(aDecided(home, 1), aCompleted(home, 1));
    await store(aDecided(home, 1), aCompleted(home, 1));
    expect((await first).value).toEqual({ data: { decisionStream: { decisionId: testId(2), outcome: 'denied', tool: 'echo' } } });
    expect((await stream.next()).value).toEqual({ data: { decisionStream: { decisionId: testId(1), outcome: 'allowed', tool: 'echo' } } });
    await store(aDecided(home, 3, { effect: 'deny', outcome: 'limited' }));
    expect((await stream.next()).value).toMatchObject({ data: { decisionStream: { decisionId: testId(3) } } });
  });

  it('brings only what its filter asks for', async () => {
    const next = subscribe(client(), STREAM, { filter: { tool: 'wanted', outcome: ['denied'] } }).next();
    await untilStreams(1);
    await store(aDecided(home, 10, { effect: 'deny', outcome: 'denied' }), aDecided(home, 11, { effect: 'deny', outcome: 'limited', tool: 'wanted' }));
    await store(aDecided(home, 12, { effect: 'deny', outcome: 'denied', tool: 'wanted' }));
    expect((await next).value).toMatchObject({ data: { decisionStream: { decisionId: testId(12) } } });
  });

  it('is closed to whoever is not signed in', async () => {
    await expect(subscribe(client('sp_usr_nonsense'), STREAM).next()).rejects.toMatchObject({ code: 4403 });
  });

  it('brings nothing of another organisation', async () => {
    await world.ask('mutation { createOrganisation(input: { name: "Other" }) { __typename } }');
    const other = subscribe(client(world.operatorToken, { 'sallyport-organisation': 'other' }), STREAM);
    const theirs = other.next();
    const ours = subscribe(client(), STREAM).next();
    await untilStreams(2);
    await store(aDecided(home, 20, { effect: 'deny', outcome: 'denied' }));
    expect((await ours).value).toMatchObject({ data: { decisionStream: { decisionId: testId(20) } } });
    await other.return?.();
    expect(await theirs).toEqual({ done: true, value: undefined });
  });

  it('ends with the first event after its token was revoked', async () => {
    const { token, adminToken } = await newToken();
    const stream = subscribe(client(token), STREAM);
    const next = stream.next();
    await untilStreams(1);
    await world.ask(`mutation { revokeToken(input: { id: "${adminToken.id}" }) { __typename } }`);
    await store(aDecided(home, 30, { effect: 'deny', outcome: 'denied' }));
    expect((await next).value).toMatchObject({ data: null, errors: [{ extensions: { code: 'unauthenticated' } }] });
    expect((await stream.next()).done).toBe(true);
  });

  it('is open ten times for one token, and no more', async () => {
    const { token } = await newToken();
    const one = client(token);
    const open = Array.from({ length: 10 }, () => subscribe(one, STREAM));
    const waiting = open.map((stream) => stream.next());
    await untilStreams(10);
    expect((await subscribe(one, STREAM).next()).value).toMatchObject({ errors: [{ extensions: { code: 'too_many_streams' } }] });
    await open[0]?.return?.();
    await untilStreams(9);
    const again = subscribe(one, STREAM).next();
    await untilStreams(10);
    await store(aDecided(home, 40, { effect: 'deny', outcome: 'denied' }));
    expect((await again).value).toMatchObject({ data: { decisionStream: { decisionId: testId(40) } } });
    await Promise.all(waiting);
  });

  it('serves subscriptions only, within the same bounds as requests by POST', async () => {
    await expect(subscribe(client(), '{ whoami { role } }').next()).rejects.toMatchObject([{ extensions: { code: 'bad_request' } }]);
    const aliases = Array.from({ length: 20 }, (_, index) => `a${index}: tool`).join(' ');
    await expect(subscribe(client(), `subscription { decisionStream { ${aliases} } }`).next()).rejects.toMatchObject([
      { extensions: { code: 'graphql_validation_failed' } },
    ]);
    await expect(subscribe(client(), 'subscription { decisionStream { __schema { types { name } } } }').next()).rejects.toBeDefined();
  });
});
