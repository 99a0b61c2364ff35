import { aDraft, anAppend, newIdentity, newOrganisationId } from '@sallyport/event-log/testing';
import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventLogMigrations } from './migrations/event-log-migrations.js';
import { PostgresEventLog } from './postgres-event-log.js';
import { type OpenedDataSource, openDataSource } from './testing/open-data-source.js';

let opened: OpenedDataSource;
let log: PostgresEventLog;

beforeAll(async () => {
  opened = await openDataSource();
  log = new PostgresEventLog(opened.dataSource);
});
afterAll(async () => opened?.close());

describe('the log inside a caller’s transaction', () => {
  it('keeps events only when the caller commits', async () => {
    const [organisationId, object] = [newOrganisationId(), newIdentity()];
    const refused = opened.dataSource.transaction(async (manager) => {
      await log.appendWithin(manager, anAppend(organisationId, [object]));
      throw new Error('the projection refused');
    });
    await expect(refused).rejects.toThrow('the projection refused');
    expect(await log.head(organisationId)).toBe(0);
    const [event] = await log.append(anAppend(organisationId, [object]));
    expect(event).toMatchObject({ revision: 1, objectVersion: 1 });
  });

  it('reads what it has appended, and numbers on from there', async () => {
    const [organisationId, object] = [newOrganisationId(), newIdentity()];
    await opened.dataSource.transaction(async (manager) => {
      expect(await log.lockOrganisation(manager, organisationId)).toBe(0);
      await log.appendWithin(manager, anAppend(organisationId, [object]));
      await log.appendWithin(manager, anAppend(organisationId, [object], { expected: [{ object, version: 1 }] }));
      expect(await log.readObjectWithin(manager, organisationId, object)).toHaveLength(2);
    });
    expect(await log.head(organisationId)).toBe(2);
  });

  it('lets commands of one organisation run one after another: each sees what the last one did', async () => {
    const [organisationId, object] = [newOrganisationId(), newIdentity()];
    const commands = Array.from({ length: 20 }, () => countAndAppend(organisationId, object));
    expect((await Promise.all(commands)).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, seen) => seen));
  });

  it('lets another organisation go on meanwhile', async () => {
    const [waiting, other] = [newOrganisationId(), newOrganisationId()];
    await opened.dataSource.transaction(async (manager) => {
      await log.lockOrganisation(manager, waiting);
      expect(await log.append(anAppend(other, [newIdentity()]))).toHaveLength(1);
    });
  });
});

async function countAndAppend(organisationId: OrganisationId, object: ReturnType<typeof newIdentity>): Promise<number> {
  return opened.dataSource.transaction(async (manager) => {
    await log.lockOrganisation(manager, organisationId);
    const seen = (await log.readObjectWithin(manager, organisationId, object)).length;
    await log.appendWithin(manager, anAppend(organisationId, [object], { expected: [{ object, version: seen }] }));
    return seen;
  });
}

describe('a PostgreSQL that does not do it', () => {
  it('is a fault without the driver’s text', async () => {
    const organisationId = newOrganisationId();
    const draft = { ...aDraft(newIdentity()), eventId: 'hunter2' as ReturnType<typeof aDraft>['eventId'] };
    const caught: unknown = await log.append(anAppend(organisationId, [], { events: [draft] })).catch((fault: unknown) => fault);
    expect(caught).toMatchObject({ code: 'event_log.unreachable', data: { code: '22P02' } });
    expect(JSON.stringify(Object.getOwnPropertyDescriptors(caught))).not.toContain('hunter2');
  });

  it('is unreachable when nobody listens', async () => {
    const nowhere = new DataSource({ type: 'postgres', url: 'postgres://nobody@127.0.0.1:1/none', installExtensions: false });
    const lost = new PostgresEventLog(nowhere);
    await expect(nowhere.initialize()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(lost.read(newOrganisationId(), branded<Revision>(0), 1)).rejects.toMatchObject({ code: 'event_log.unreachable' });
  });
});

describe('the log’s migrations', () => {
  it('can be taken back and made again', async () => {
    const again = await openDataSource();
    try {
      for (const _ of eventLogMigrations) await again.dataSource.undoLastMigration();
      await again.dataSource.runMigrations();
      expect(await new PostgresEventLog(again.dataSource).append(anAppend(newOrganisationId(), [newIdentity()]))).toHaveLength(1);
    } finally {
      await again.close();
    }
  });

  it('work for an owner who is no superuser', async () => {
    const plain = await openDataSource({ as: 'plain_owner' });
    try {
      const organisationId = newOrganisationId();
      const owned = new PostgresEventLog(plain.dataSource);
      await owned.append(anAppend(organisationId, [newIdentity()]));
      expect([...(await owned.heads())]).toEqual([[organisationId, 1]]);
      expect(await plain.dataSource.query('SELECT FROM events')).toEqual([]);
    } finally {
      await plain.close();
    }
  });
});
