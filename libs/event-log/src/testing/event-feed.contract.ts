import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import type { FakeClock } from '@sallyport/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { EventFeed, FeedSubscription } from '../event-feed.js';
import type { EventLog } from '../event-log.js';
import { anAppend, newIdentity, newOrganisationId } from './drafts.js';
import { RecordingListener } from './recording-listener.js';

/** A feed under examination, with its hands on time and on the log's being there. */
export interface OpenedFeed {
  readonly log: EventLog;
  readonly feed: EventFeed;
  /** The clock the feed stamps by. */
  readonly clock: FakeClock;
  /** How much older than the clock a stamp may be that a beat brings, milliseconds: of a feed that somebody else stamps; 0 where absent. */
  readonly laterMs?: number;
  /** Lets the time of one round pass, and resolves when what it does is done. */
  beat(): Promise<void>;
  /** Takes the log away from everybody. */
  sever(): Promise<void>;
  /** Gives it back. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

const NOTHING: ReadonlyMap<OrganisationId, Revision> = new Map();

/**
 * The exam every adapter of `EventFeed` passes.
 *
 * @param open Opens a feed over a log that holds no event; called once.
 */
export function eventFeedContract(name: string, open: () => Promise<OpenedFeed>): void {
  describe(`${name} keeps the promises of an event feed`, () => {
    let opened: OpenedFeed;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => opened?.close());

    describe('delivering', () => delivering(() => opened));
    describe('stamping', () => stamping(() => opened));
    describe('losing the log', () => losingTheLog(() => opened));
    describe('closing', () => closing(() => opened));
  });
}

function delivering(opened: () => OpenedFeed): void {
  it('delivers the backlog, then what comes, without a seam', async () => {
    const organisationId = newOrganisationId();
    await append(opened(), organisationId, 20);
    await following(opened(), async (listener, subscription) => {
      const writing = Promise.all(Array.from({ length: 20 }, () => append(opened(), organisationId, 1)));
      await subscription.caughtUp();
      await writing;
      await subscription.caughtUp();
      expect(listener.revisionOf(organisationId)).toBe(40);
      expect(listener.gaps).toEqual([]);
    });
  });

  it('goes on after what the listener already holds', async () => {
    const organisationId = newOrganisationId();
    await append(opened(), organisationId, 5);
    const applied = new Map([...(await opened().log.heads())]).set(organisationId, branded<Revision>(3));
    const listener = new RecordingListener(applied);
    const subscription = opened().feed.follow(listener, applied);
    await subscription.caughtUp();
    await subscription.close();
    expect([listener.revisionOf(organisationId), listener.gaps]).toEqual([5, []]);
  });

  it('finds an organisation that came to be after it began', async () => {
    await following(opened(), async (listener, subscription) => {
      await subscription.caughtUp();
      const organisationId = newOrganisationId();
      await append(opened(), organisationId, 2);
      await opened().beat();
      expect(listener.revisionOf(organisationId)).toBe(2);
    });
  });

  it('delivers a backlog of many pages', async () => {
    const organisationId = newOrganisationId();
    await append(opened(), organisationId, 1_203);
    await following(opened(), async (listener, subscription) => {
      await subscription.caughtUp();
      expect([listener.revisionOf(organisationId), listener.gaps]).toEqual([1_203, []]);
    });
  });

  it('has delivered what was committed before a call of caughtUp when that resolves', async () => {
    const organisationId = newOrganisationId();
    await following(opened(), async (listener, subscription) => {
      for (const revision of [1, 2, 3, 4, 5]) {
        await append(opened(), organisationId, 1);
        await subscription.caughtUp();
        expect(listener.revisionOf(organisationId)).toBe(revision);
      }
    });
  });
}

function stamping(opened: () => OpenedFeed): void {
  it('stamps every round, with a time from before it asked', async () => {
    const { clock, beat } = opened();
    await following(opened(), async (listener, subscription) => {
      await subscription.caughtUp();
      for (let round = 0; round < 3; round += 1) {
        const before = listener.stamps.length;
        clock.advance(500);
        await beat();
        expect(listener.stamps.length).toBeGreaterThan(before);
        const ageMs = clock.now() - (listener.stamps.at(-1)?.committedBefore ?? 0);
        expect(ageMs).toBeGreaterThanOrEqual(0);
        expect(ageMs).toBeLessThanOrEqual(opened().laterMs ?? 0);
      }
    });
  });

  it('has delivered everything that was committed before a stamp’s time', async () => {
    const { clock, beat } = opened();
    const organisationId = newOrganisationId();
    await following(opened(), async (listener, subscription) => {
      await subscription.caughtUp();
      for (const revision of [1, 2, 3]) {
        await append(opened(), organisationId, 1);
        clock.advance(1);
        const committed = clock.now();
        while ((listener.stamps.at(-1)?.committedBefore ?? 0) < committed) await beat();
        expect(listener.revisionOf(organisationId)).toBe(revision);
      }
    });
  });

  it('stamps when nudged, without a round’s time', async () => {
    const { clock } = opened();
    await following(opened(), async (listener, subscription) => {
      await subscription.caughtUp();
      clock.advance(7);
      const nudged = clock.now();
      subscription.nudge();
      await subscription.caughtUp();
      expect(listener.stamps.at(-1)?.committedBefore).toBeGreaterThanOrEqual(nudged);
    });
  });
}

function losingTheLog(opened: () => OpenedFeed): void {
  it('stops stamping while the log does not answer, and goes on without a seam when it does', async () => {
    const { clock, beat } = opened();
    const organisationId = newOrganisationId();
    await append(opened(), organisationId, 3);
    await following(opened(), async (listener, subscription) => {
      await subscription.caughtUp();
      await opened().sever();
      const stamped = listener.stamps.length;
      const late = subscription.caughtUp();
      for (let round = 0; round < 3; round += 1) {
        clock.advance(500);
        await beat();
      }
      expect(listener.stamps).toHaveLength(stamped);

      await opened().restore();
      await append(opened(), organisationId, 3);
      await beat();
      await late;
      await subscription.caughtUp();
      expect([listener.revisionOf(organisationId), listener.gaps]).toEqual([6, []]);
      expect(clock.now() - (listener.stamps.at(-1)?.committedBefore ?? 0)).toBeLessThanOrEqual(opened().laterMs ?? 0);
    });
  });
}

function closing(opened: () => OpenedFeed): void {
  it('delivers nothing after it was closed', async () => {
    const listener = new RecordingListener();
    const subscription = opened().feed.follow(listener, NOTHING);
    await subscription.caughtUp();
    await subscription.close();
    const [organisationId, stamped] = [newOrganisationId(), listener.stamps.length];
    await append(opened(), organisationId, 1);
    subscription.nudge();
    await following(opened(), async (_, other) => other.caughtUp());
    expect([listener.revisionOf(organisationId), listener.stamps.length]).toEqual([0, stamped]);
  });

  it('tells those who wait that it was closed', async () => {
    await opened().sever();
    const subscription = opened().feed.follow(new RecordingListener(), NOTHING);
    const waiting = expect(subscription.caughtUp()).rejects.toMatchObject({ code: 'event_log.closed' });
    await subscription.close();
    await waiting;
    await expect(subscription.caughtUp()).rejects.toMatchObject({ code: 'event_log.closed' });
    await opened().restore();
  });
}

async function following(opened: OpenedFeed, use: (listener: RecordingListener, subscription: FeedSubscription) => Promise<void>): Promise<void> {
  const listener = new RecordingListener();
  const subscription = opened.feed.follow(listener, NOTHING);
  try {
    await use(listener, subscription);
  } finally {
    await subscription.close();
  }
}

async function append(opened: OpenedFeed, organisationId: OrganisationId, count: number): Promise<void> {
  await opened.log.append(anAppend(organisationId, Array.from({ length: count }, newIdentity)));
}
