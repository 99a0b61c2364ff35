import { branded, type EpochMs, type EventId, type OrganisationId, type Revision } from '@sallyport/kernel';
import { EXAMPLE_FACTS } from '@sallyport/domain-events/testing';
import type { DomainEvent, DomainFact, ObjectRef } from '@sallyport/domain-events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { EventLog } from '../event-log.js';
import { aDraft, anAppend, newIdentity, newOrganisationId } from './drafts.js';

/** A log under examination, and how to be done with it. */
export interface OpenedLog {
  readonly log: EventLog;
  close(): Promise<void>;
}

const START = branded<Revision>(0);

/**
 * The exam every adapter of `EventLog` passes. It uses organisations of its own, so the log may hold others.
 *
 * @param open Opens a log; called once.
 */
export function eventLogContract(name: string, open: () => Promise<OpenedLog>): void {
  describe(`${name} keeps the promises of an event log`, () => {
    let opened: OpenedLog;
    let log: EventLog;
    beforeAll(async () => {
      opened = await open();
      log = opened.log;
    });
    afterAll(async () => opened?.close());

    describe('appending', () => appending(() => log));
    describe('reading', () => reading(() => log));
    describe('racing', () => racing(() => log));
  });
}

function appending(log: () => EventLog): void {
  it('numbers an organisation’s events from 1, and each object’s from 1', async () => {
    const [organisationId, a, b] = [newOrganisationId(), newIdentity(), newIdentity()];
    const first = await log().append(anAppend(organisationId, [a, b, a]));
    const second = await log().append(anAppend(organisationId, [b]));
    expect([...first, ...second].map(place)).toEqual([
      { revision: 1, object: a, objectVersion: 1 },
      { revision: 2, object: b, objectVersion: 1 },
      { revision: 3, object: a, objectVersion: 2 },
      { revision: 4, object: b, objectVersion: 2 },
    ]);
  });

  it('answers what a reader will read', async () => {
    const organisationId = newOrganisationId();
    const facts: DomainFact[] = Object.values(EXAMPLE_FACTS);
    const events = facts.map((fact) => aDraft(newIdentity(), fact));
    const appended = await log().append(anAppend(organisationId, [], { events }));
    expect(await log().read(organisationId, START, 100)).toEqual(appended);
    expect(appended.map((event) => event.fact)).toEqual(facts);
  });

  it('refuses an object that is not at its expected version, and writes nothing of the append', async () => {
    const [organisationId, a, b] = [newOrganisationId(), newIdentity(), newIdentity()];
    await log().append(anAppend(organisationId, [a], { expected: [{ object: a, version: 0 }] }));
    const stale = anAppend(organisationId, [b, a], { expected: [{ object: b, version: 0 }, { object: a, version: 0 }] });
    await expect(log().append(stale)).rejects.toMatchObject({ code: 'event_log.moved_on' });
    expect(await log().head(organisationId)).toBe(1);
    expect(await log().readObject(organisationId, b)).toEqual([]);
  });

  it('checks objects that are only looked at', async () => {
    const [organisationId, looked, written] = [newOrganisationId(), newIdentity(), newIdentity()];
    const request = anAppend(organisationId, [written], { expected: [{ object: looked, version: 1 }] });
    await expect(log().append(request)).rejects.toMatchObject({ code: 'event_log.moved_on' });
    await log().append(anAppend(organisationId, [looked]));
    expect(await log().append(request)).toHaveLength(1);
  });

  it('refuses an event id of the organisation a second time, and writes nothing', async () => {
    const [organisationId, object] = [newOrganisationId(), newIdentity()];
    const repeated = aDraft(object);
    await log().append(anAppend(organisationId, [], { events: [repeated] }));
    await expect(log().append(anAppend(organisationId, [], { events: [aDraft(object), repeated] }))).rejects.toMatchObject({ code: 'event_log.moved_on' });
    expect(await log().head(organisationId)).toBe(1);
  });

  it('refuses a text that cannot be kept, and writes nothing', async () => {
    const [organisationId, object] = [newOrganisationId(), newIdentity()];
    for (const reason of ['a\0b', 'a\ud800b']) {
      const fact: DomainFact = { ...EXAMPLE_FACTS['grant.revoked'], data: { ...EXAMPLE_FACTS['grant.revoked'].data, reason } };
      const request = anAppend(organisationId, [], { events: [aDraft(object), aDraft(object, fact)] });
      await expect(log().append(request)).rejects.toMatchObject({ code: 'wire.unencodable' });
    }
    expect(await log().head(organisationId)).toBe(0);
  });

  it('takes an append of nothing as a check of versions', async () => {
    const organisationId = newOrganisationId();
    expect(await log().append(anAppend(organisationId, []))).toEqual([]);
    expect(await log().head(organisationId)).toBe(0);
    expect([...(await log().heads()).keys()]).not.toContain(organisationId);
  });
}

function reading(log: () => EventLog): void {
  it('pages through an organisation in order', async () => {
    const organisationId = newOrganisationId();
    await log().append(anAppend(organisationId, Array.from({ length: 7 }, newIdentity)));
    const pages = [await log().read(organisationId, START, 3), await log().read(organisationId, branded<Revision>(3), 3), await log().read(organisationId, branded<Revision>(6), 3)];
    expect(pages.map(revisions)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(await log().read(organisationId, branded<Revision>(7), 3)).toEqual([]);
  });

  it('reads one object’s stream whole and nothing else', async () => {
    const [organisationId, a, b] = [newOrganisationId(), newIdentity(), newIdentity()];
    await log().append(anAppend(organisationId, [a, b, a, b, a]));
    expect(revisions(await log().readObject(organisationId, a))).toEqual([1, 3, 5]);
    expect(await log().readObject(organisationId, { kind: 'server', id: a.id })).toEqual([]);
  });

  it('knows the revision at an instant, also when clocks stepped back', async () => {
    const [organisationId, object] = [newOrganisationId(), newIdentity()];
    for (const occurredAt of ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:02.500Z', '2026-01-01T00:00:01.000Z']) {
      await log().append(anAppend(organisationId, [object], { occurredAt }));
    }
    const at = (instant: string, fraction = 0) => log().revisionAt(organisationId, branded<EpochMs>(Date.parse(instant) + fraction));
    expect(await at('2025-12-31T23:59:59.999Z', 0.9)).toBe(0);
    expect(await at('2026-01-01T00:00:00.000Z')).toBe(1);
    expect(await at('2026-01-01T00:00:01.000Z', 0.5)).toBe(3);
    expect(await at('2026-01-01T00:00:09.000Z')).toBe(3);
  });

  it('names every organisation that has events, with its head', async () => {
    const [one, other] = [newOrganisationId(), newOrganisationId()];
    await log().append(anAppend(one, [newIdentity()]));
    await log().append(anAppend(other, [newIdentity(), newIdentity()]));
    const heads = await log().heads();
    expect([heads.get(one), heads.get(other), heads.get(newOrganisationId())]).toEqual([1, 2, undefined]);
  });

  it('keeps organisations apart: equal objects and event ids of two are two', async () => {
    const [one, other, object] = [newOrganisationId(), newOrganisationId(), newIdentity()];
    const events = [{ ...aDraft(object), eventId: branded<EventId>(newOrganisationId()) }];
    await log().append(anAppend(one, [], { events, expected: [{ object, version: 0 }] }));
    const [event] = await log().append(anAppend(other, [], { events, expected: [{ object, version: 0 }] }));
    expect(event).toMatchObject({ organisationId: other, revision: 1, objectVersion: 1 });
    expect(await log().read(one, START, 10)).toHaveLength(1);
  });
}

function racing(log: () => EventLog): void {
  it('stays gapless under 50 appends at once [log/gapless]', async () => {
    const [organisationId, objects] = [newOrganisationId(), Array.from({ length: 5 }, newIdentity)];
    await Promise.all(Array.from({ length: 50 }, (_, index) => log().append(anAppend(organisationId, [pick(objects, index), pick(objects, index + 1)]))));
    const events = await log().read(organisationId, START, 1_000);
    expect(revisions(events)).toEqual(upTo(100));
    for (const object of objects) {
      const stream = await log().readObject(organisationId, object);
      expect(stream.map((event) => event.objectVersion)).toEqual(upTo(20));
      expect(revisions(stream)).toEqual([...revisions(stream)].sort((a, b) => a - b));
    }
  });

  it('lets one of many writers win who expect the same version, and leaves no hole for the others [log/expected-version]', async () => {
    const [organisationId, object] = [newOrganisationId(), newIdentity()];
    const writers = Array.from({ length: 20 }, () => log().append(anAppend(organisationId, [object], { expected: [{ object, version: 0 }] })));
    const ends = await Promise.allSettled(writers);
    expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(1);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'event_log.moved_on' });
    await log().append(anAppend(organisationId, [object]));
    expect(revisions(await log().read(organisationId, START, 10))).toEqual([1, 2]);
  });

  it('shows no reader a revision before the ones below it', async () => {
    const organisations = Array.from({ length: 3 }, newOrganisationId);
    const watch = watchForHoles(log(), organisations);
    await Promise.all(Array.from({ length: 200 }, (_, index) => log().append(anAppend(pick(organisations, index), [newIdentity()]))));
    const seen = await watch.end();
    expect(seen.holes).toEqual([]);
    expect(seen.looks).toBeGreaterThan(0);
    const heads = await log().heads();
    expect(organisations.map((organisationId) => heads.get(organisationId))).toEqual([67, 67, 66]);
  });
}

/** Reads on and on until ended, and notes every revision that was not the next one. */
function watchForHoles(log: EventLog, organisations: readonly OrganisationId[]): { end(): Promise<{ holes: string[]; looks: number }> } {
  const seen = { holes: new Array<string>(), looks: 0 };
  let ended = false;
  const readers = organisations.map(async (organisationId) => {
    let reached = START;
    for (let last = false; !last; ) {
      last = ended;
      const head = (await log.heads()).get(organisationId) ?? 0;
      for (const event of await log.read(organisationId, reached, 1_000)) {
        if (event.revision !== reached + 1) seen.holes.push(`${event.revision} after ${reached}`);
        reached = event.revision;
      }
      if (reached < head) seen.holes.push(`head ${head}, but only ${reached} could be read`);
      seen.looks += 1;
    }
  });
  return {
    end: async () => {
      ended = true;
      await Promise.all(readers);
      return seen;
    },
  };
}

function place(event: DomainEvent): { revision: number; object: ObjectRef; objectVersion: number } {
  return { revision: event.revision, object: event.object, objectVersion: event.objectVersion };
}

function revisions(events: readonly DomainEvent[]): number[] {
  return events.map((event) => event.revision);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function pick<Item>(items: readonly Item[], index: number): Item {
  return items[index % items.length] as Item;
}
