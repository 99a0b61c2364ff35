import { anAppend, newIdentity, newOrganisationId, RecordingListener } from '@sallyport/event-log/testing';
import type { Fault } from '@sallyport/kernel';
import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PostgresEventFeed } from './postgres-event-feed.js';
import { PostgresEventLog } from './postgres-event-log.js';
import { type OpenedDataSource, openDataSource, runIn } from './testing/open-data-source.js';

const FEED_BACKENDS = `FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sallyport feed'`;

let opened: OpenedDataSource;
let log: PostgresEventLog;

beforeAll(async () => {
  opened = await openDataSource();
  log = new PostgresEventLog(opened.dataSource);
});
afterAll(async () => opened?.close());

function follow(listener = new RecordingListener(), scheduler?: ManualScheduler) {
  const faults: Fault[] = [];
  const feed = new PostgresEventFeed({
    url: opened.url,
    clock: new FakeClock(),
    ...(scheduler === undefined ? {} : { scheduler }),
    onFault: (fault) => void faults.push(fault),
  });
  return { listener, faults, subscription: feed.follow(listener, new Map()) };
}

describe('a feed whose connection is cut', () => {
  it('makes a new one by itself and goes on without a seam', async () => {
    const organisationId = newOrganisationId();
    const { listener, subscription } = follow();
    for (let cut = 1; cut <= 5; cut += 1) {
      await subscription.caughtUp();
      await Promise.all([
        runIn(opened.url, `SELECT pg_terminate_backend(pid) ${FEED_BACKENDS}`),
        log.append(anAppend(organisationId, [newIdentity(), newIdentity()])),
      ]);
      await subscription.caughtUp();
      expect([listener.revisionOf(organisationId), listener.gaps]).toEqual([2 * cut, []]);
    }
    await subscription.close();
  });

  it('leaves no connection behind when closed', async () => {
    const { subscription } = follow();
    await subscription.caughtUp();
    await subscription.close();
    await expect.poll(() => opened.dataSource.query(`SELECT pid ${FEED_BACKENDS}`)).toEqual([]);
  });
});

describe('a feed that is told', () => {
  it('delivers at a notification, before its round', async () => {
    const [organisationId, scheduler] = [newOrganisationId(), new ManualScheduler()];
    const { listener, subscription } = follow(new RecordingListener(), scheduler);
    await subscription.caughtUp();
    await log.append(anAppend(organisationId, [newIdentity()]));
    await expect.poll(() => listener.revisionOf(organisationId)).toBe(1);
    await subscription.close();
  });
});

describe('an event that this version cannot read', () => {
  it('stops its organisation and no other', async () => {
    const [broken, sound] = [newOrganisationId(), newOrganisationId()];
    const { listener, subscription } = follow();
    await log.append(anAppend(broken, [newIdentity()]));
    await subscription.caughtUp();
    await log.append(anAppend(broken, [newIdentity()]));
    await subscription.caughtUp();
    await opened.dataSource.query(`UPDATE organisation_heads SET revision = 3 WHERE organisation_id = '${broken}'`);
    await opened.dataSource.query(
      `INSERT INTO events SELECT organisation_id, 3, object_kind, object_id, 9, gen_random_uuid(), occurred_at, 'grant.melted', 1,
         body - 'identityDisabled' || '{"grantMelted": {}}' FROM events WHERE organisation_id = '${broken}' AND revision = 1`,
    );
    await log.append(anAppend(sound, [newIdentity()]));
    await subscription.caughtUp();
    expect([listener.revisionOf(broken), listener.revisionOf(sound)]).toEqual([2, 1]);
    expect(listener.unreadable).toMatchObject([{ organisationId: broken, fault: { code: 'wire.undecodable' } }]);
    await subscription.close();
  });
});
