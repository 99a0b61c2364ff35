import type { OrganisationId } from '@sallyport/kernel';
import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { anOrganisation } from '../../../testing/an-organisation.js';
import { aStreamClient, subscribe } from '../../../testing/a-stream.js';
import { homeOf } from '../../../testing/audit-trail.js';
import { aDecided, sequenced, testId } from '../../../testing/decision-records.js';

const STREAM = 'subscription ($filter: AuditEventFilter, $after: Float) { auditStream(filter: $filter, after: $after) { id seq type tool } }';
type Seen = { readonly auditStream: { readonly id: string; readonly seq: number; readonly type: string } };

describe('the live tail of audit events', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  const clients: Client[] = [];
  const client = (token = world.operatorToken) => {
    const made = aStreamClient(world.url, token);
    clients.push(made);
    return made;
  };
  const denied = (n: number, tool = 'echo') => world.plane.auditBus.publish(sequenced(aDecided(home, n, { effect: 'deny', outcome: 'denied', tool })));
  beforeAll(async () => {
    world = await aControlPlane();
    home = await homeOf(world);
  });
  afterEach(async () => {
    for (const open of clients.splice(0)) await open.dispose();
  });
  afterAll(() => world.close());

  it('goes on after any event, in order and without a gap, through what is stored into what comes', async () => {
    for (let n = 0; n < 300; n += 1) if (n % 60 === 0) await world.plane.auditBus.publish(sequenced(...Array.from({ length: 60 }, (_, at) => aDecided(home, n + at, { effect: 'deny', outcome: 'denied' }))));
    const stream = subscribe(client(), STREAM, { after: 0 });
    const seen: number[] = [];
    for (let last = 0; last < 305; ) {
      const { value } = await stream.next();
      last = (value as { data: Seen }).data.auditStream.seq;
      seen.push(last);
      if (last === 200) for (let n = 400; n < 410; n += 1) await denied(n);
    }
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, at) => at + 1));
  });

  it('brings what its filter asks for, as it comes', async () => {
    const next = subscribe(client(), STREAM, { filter: { tool: 'wanted' }, after: 1 }).next();
    await denied(500);
    await denied(501, 'wanted');
    expect((await next).value).toMatchObject({ data: { auditStream: { id: testId(501), tool: 'wanted' } } });
  });

  it('is for auditors and admins, each of their own organisation', async () => {
    const other = await anOrganisation(world, 'Other');
    expect((await subscribe(client(await other.tokenOf('viewer')), STREAM).next()).value).toMatchObject({ errors: [{ extensions: { code: 'forbidden' } }] });
    const theirs = await subscribe(client(await other.tokenOf('auditor')), STREAM, { after: 0 }).next();
    expect((theirs.value as { data: Seen }).data.auditStream.type).toMatch(/^(?:admin|auth)\./);
  });
});
