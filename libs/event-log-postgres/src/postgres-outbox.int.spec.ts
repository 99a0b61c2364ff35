import type { OutboxLease, OutboxListener } from '@sallyport/event-log';
import { anAppend, newIdentity, newOrganisationId } from '@sallyport/event-log/testing';
import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { PostgresEventLog } from './postgres-event-log.js';
import { PostgresOutbox } from './postgres-outbox.js';
import { PostgresPublications } from './postgres-publications.js';
import { inOrganisation, RELAY_ROLE } from './serving-role.js';
import { type OpenedDataSource, openDataSource, runIn } from './testing/open-data-source.js';

const deaf: OutboxListener = { onNews: () => undefined, onLost: () => undefined };

describe('the outbox', () => {
  let opened: OpenedDataSource;
  let log: PostgresEventLog;
  let outbox: PostgresOutbox;
  beforeEach(async () => {
    opened = await openDataSource();
    log = new PostgresEventLog(opened.dataSource, { outbox: true });
    outbox = new PostgresOutbox({ url: opened.url });
  });
  afterEach(async () => {
    await outbox.close();
    await opened.close();
  });
  const lead = async (from = outbox, listener: OutboxListener = deaf): Promise<OutboxLease> => {
    const lease = await from.tryLead(listener);
    if (lease === undefined) throw new Error('somebody else leads');
    return lease;
  };
  const append = async (organisationId: OrganisationId, count = 1) => {
    for (let n = 0; n < count; n += 1) await log.append(anAppend(organisationId, [newIdentity()]));
  };
  const places = async (lease: OutboxLease) => (await lease.read(0)).map((row) => [row.position, row.organisationId, row.revision]);

  it('gives every event a position without a gap, and each organisation’s in the order of revisions', async () => {
    const organisations = [newOrganisationId(), newOrganisationId(), newOrganisationId()];
    const lease = await lead();
    let writing = true;
    const writers = Promise.all(organisations.map((id) => append(id, 20))).finally(() => (writing = false));
    while (writing) await lease.place();
    await writers;
    expect(await lease.place()).toBe(60);
    const rows = await lease.read(0);
    expect(rows.map((row) => row.position)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    for (const id of organisations) {
      expect(rows.filter((row) => row.organisationId === id).map((row) => row.revision)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    }
    await lease.release();
  });

  it('is written with the events or not at all', async () => {
    const organisation = newOrganisationId();
    await expect(
      opened.dataSource.transaction(async (manager) => {
        await log.appendWithin(manager, anAppend(organisation, [newIdentity()]));
        throw new Error('the projection failed');
      }),
    ).rejects.toThrow('the projection failed');
    const lease = await lead();
    expect(await lease.place()).toBe(0);
    await lease.release();
  });

  it('stays empty where no relay runs, and is filled from the log when one begins', async () => {
    const organisation = newOrganisationId();
    const embedded = new PostgresEventLog(opened.dataSource);
    for (let n = 0; n < 3; n += 1) await embedded.append(anAppend(organisation, [newIdentity()]));
    expect(await opened.dataSource.query('SELECT * FROM outbox')).toEqual([]);

    const lease = await lead();
    await append(organisation);
    expect(await lease.place()).toBe(4);
    expect((await places(lease)).map(([, , revision]) => revision)).toEqual([1, 2, 3, 4]);
    await lease.release();
  });

  it('places nothing before the event it follows, though a writer left that one out', async () => {
    const organisation = newOrganisationId();
    const lease = await lead();
    await append(organisation, 1);
    await new PostgresEventLog(opened.dataSource).append(anAppend(organisation, [newIdentity()]));
    await append(organisation, 1);
    expect(await lease.place()).toBe(3);
    expect((await places(lease)).map(([, , revision]) => revision)).toEqual([1, 2, 3]);

    await new PostgresEventLog(opened.dataSource).append(anAppend(organisation, [newIdentity()]));
    expect(await lease.place()).toBe(3);
    await lease.tidy(60_000);
    expect(await lease.place()).toBe(4);
    await lease.release();
  });

  it('has one leader, and another when the first lets go or is cut off', async () => {
    const other = new PostgresOutbox({ url: opened.url });
    const first = await lead();
    expect(await other.tryLead(deaf)).toBeUndefined();
    expect(await other.tryLead(deaf)).toBeUndefined();
    await first.release();
    const second = await lead(other);

    await runIn(opened.url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sallyport relay' AND datname = current_database()");
    await expect(second.place()).rejects.toMatchObject({ code: 'event_log.unreachable' });
    const third = await lead();
    expect(await third.place()).toBe(0);
    await third.release();
    await other.close();
  });

  it('tells a leader that it was cut off, and lets it do nothing any more', async () => {
    let tell: (code: string) => void = () => undefined;
    const lost = new Promise<string>((resolve) => (tell = resolve));
    const lease = await lead(outbox, { onNews: () => undefined, onLost: (fault) => tell(fault.code) });
    await runIn(opened.url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sallyport relay' AND datname = current_database()");
    expect(await lost).toBe('event_log.unreachable');
    for (const attempt of [lease.place(), lease.markPublished(1), lease.tidy(0)]) await expect(attempt).rejects.toMatchObject({ code: 'event_log.unreachable' });
  });

  it('takes the lead from a process that stands still', async () => {
    let tell: () => void = () => undefined;
    const lost = new Promise<void>((resolve) => (tell = resolve));
    // A scheduler on which nothing ever happens: this one gives no sign of life.
    const stalled = new PostgresOutbox({ url: opened.url, scheduler: { after: () => () => undefined } });
    await lead(stalled, { onNews: () => undefined, onLost: () => tell() });
    expect(await outbox.tryLead(deaf)).toBeUndefined();
    await lost;
    // As a relay does: PostgreSQL frees the lock a moment after it said that the connection ends, and ends the idle standby like the leader.
    let lease: OutboxLease | undefined;
    await expect.poll(async () => (lease = await outbox.tryLead(deaf).catch(() => undefined)), { timeout: 10_000 }).toBeDefined();
    await lease?.release();
    await stalled.close();
  }, 20_000);

  it('tells of news when events are committed', async () => {
    let tell: () => void = () => undefined;
    const news = new Promise<void>((resolve) => (tell = resolve));
    const lease = await lead(outbox, { onNews: () => tell(), onLost: () => undefined });
    await append(newOrganisationId());
    await news;
    await lease.release();
  });

  it('goes on after what was noted as published, with another leader too', async () => {
    await append(newOrganisationId(), 3);
    const first = await lead();
    await first.place();
    await first.markPublished(2);
    await first.release();
    const second = await lead();
    expect(await second.published()).toBe(2);
    expect((await second.read(2)).map((row) => row.position)).toEqual([3]);
    await second.release();
  });

  it('forgets what was published, but never its place', async () => {
    const [one, other] = [newOrganisationId(), newOrganisationId()];
    await append(one, 5);
    await append(other, 1);
    const first = await lead();
    expect(await first.place()).toBe(6);
    await first.markPublished(4);
    expect(await first.tidy(60_000)).toBe(0);
    await first.markPublished(6);
    expect(await first.tidy(0)).toBe(4);
    expect(await first.tidy(0)).toBe(0);
    await first.release();

    const second = await lead();
    await append(one, 1);
    expect([await second.published(), await second.place()]).toEqual([6, 7]);
    expect((await second.read(6)).map((row) => [row.position, row.revision])).toEqual([[7, 6]]);
    await second.release();
  });

  it('hands on the place of an event it cannot read, and says why', async () => {
    const organisation = newOrganisationId();
    await append(organisation, 2);
    await opened.dataSource.query(`UPDATE events SET body = '{"nonsense": true}' WHERE organisation_id = '${organisation}' AND revision = 1`);
    const lease = await lead();
    await lease.place();
    expect(await lease.read(0)).toMatchObject([
      { position: 1, revision: 1, event: { ok: false, refusal: { code: 'wire.undecodable' } } },
      { position: 2, revision: 2, event: { ok: true } },
    ]);
    await lease.release();
  });

  it('lets the relay’s role write nothing but the outbox', async () => {
    await append(newOrganisationId());
    for (const statement of ["UPDATE events SET type = 'x'", 'DELETE FROM events', 'UPDATE organisation_heads SET revision = 9', 'DELETE FROM organisation_heads', "INSERT INTO organisation_heads VALUES (gen_random_uuid(), 1, now())"]) {
      await expect(runIn(opened.url, `SET ROLE ${RELAY_ROLE}; ${statement}`), statement).rejects.toThrow('permission denied');
    }
  });

  it('cannot be read, placed or emptied by one organisation for another', async () => {
    const [ours, theirs] = [newOrganisationId(), newOrganisationId()];
    await append(ours);
    await append(theirs);
    await inOrganisation(opened.dataSource, ours, async (manager) => {
      expect(await manager.query('SELECT organisation_id FROM outbox')).toEqual([{ organisation_id: ours }]);
    });
    for (const statement of ['UPDATE outbox SET position = 1', 'DELETE FROM outbox', `INSERT INTO outbox VALUES ('${theirs}', 2)`]) {
      await expect(inOrganisation(opened.dataSource, ours, (manager) => manager.query(statement)), statement).rejects.toThrow(/permission denied|row-level security/);
    }
  });

  it('works for a login that owns the database and is no superuser', async () => {
    const plain = await openDataSource({ as: 'plain_owner' });
    try {
      const organisation = newOrganisationId();
      await new PostgresEventLog(plain.dataSource, { outbox: true }).append(anAppend(organisation, [newIdentity()]));
      const own = new PostgresOutbox({ url: plain.url });
      const lease = await lead(own);
      expect(await lease.place()).toBe(1);
      expect(await lease.read(0)).toHaveLength(1);
      await lease.release();
      await own.close();
    } finally {
      await plain.close();
    }
  });

  describe('waiting until something is published', () => {
    let publications: PostgresPublications;
    beforeEach(() => {
      publications = new PostgresPublications({ dataSource: opened.dataSource, url: opened.url });
    });
    afterEach(() => publications.close());
    const revision = (n: number) => branded<Revision>(n);

    it('answers when the relay has noted it, and at once afterwards', async () => {
      const organisation = newOrganisationId();
      await append(organisation, 2);
      const lease = await lead();
      await lease.place();
      const waiting = publications.whenPublished(organisation, revision(2), 10_000);
      await lease.markPublished(1);
      await lease.markPublished(2);
      expect(await waiting).toBeLessThan(5_000);
      expect(await publications.whenPublished(organisation, revision(1), 0)).toBeGreaterThanOrEqual(0);
      await append(organisation, 1);
      await lease.place();
      await lease.markPublished(3);
      await lease.tidy(0);
      expect(await publications.whenPublished(organisation, revision(1), 0)).not.toBeNull();
      await lease.release();
    });

    it('gives up in time', async () => {
      const organisation = newOrganisationId();
      await append(organisation);
      expect(await publications.whenPublished(organisation, revision(1), 0)).toBeNull();
      expect(await publications.whenPublished(organisation, revision(1), 30)).toBeNull();
    });
  });
});
