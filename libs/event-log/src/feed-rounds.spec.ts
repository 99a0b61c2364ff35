import type { Fault, OrganisationId, Revision } from '@sallyport/kernel';
import { branded, defineFaults } from '@sallyport/kernel';
import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';
import { describe, expect, it } from 'vitest';

import type { FeedListener } from './event-feed.js';
import { FeedRounds, type FeedSource } from './feed-rounds.js';
import { MemoryEventLog } from './memory-event-log.js';
import { anAppend, newIdentity, newOrganisationId } from './testing/drafts.js';
import { eventFeedContract } from './testing/event-feed.contract.js';
import { RecordingListener } from './testing/recording-listener.js';

const { undecodable } = defineFaults('wire', { undecodable: { kind: 'invariant', retry: 'never', publicText: 'No.' } });

function rounds(source: FeedSource, listener: FeedListener = new RecordingListener(), applied = new Map<OrganisationId, Revision>()) {
  const [clock, scheduler] = [new FakeClock(), new ManualScheduler()];
  const faults: Fault[] = [];
  const following = new FeedRounds({ source, listener, applied, clock, scheduler, onFault: (fault) => void faults.push(fault) });
  return { clock, scheduler, faults, following };
}

eventFeedContract('rounds over any log', async () => {
  const log = new MemoryEventLog();
  const [clock, scheduler] = [new FakeClock(), new ManualScheduler()];
  return {
    log,
    feed: { follow: (listener, applied) => new FeedRounds({ source: log, listener, applied, clock, scheduler, onFault: () => undefined }) },
    clock,
    beat: () => scheduler.elapse(),
    sever: async () => log.setReachable(false),
    restore: async () => log.setReachable(true),
    close: async () => undefined,
  };
});

describe('rounds of following a log', () => {
  it('come every 500 ms', async () => {
    const { scheduler } = rounds(new MemoryEventLog());
    await scheduler.somethingPending();
    expect(scheduler.delaysMs).toEqual([500]);
  });

  it('come sooner after a failure, then at most 2 s later, and say so each time', async () => {
    const log = new MemoryEventLog();
    log.setReachable(false);
    const { scheduler, faults } = rounds(log);
    const delays: (readonly number[])[] = [];
    for (let round = 0; round < 7; round += 1) {
      await scheduler.somethingPending();
      delays.push(scheduler.delaysMs);
      await scheduler.elapse();
    }
    expect(delays.flat()).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
    expect(faults.map((fault) => fault.code)).toEqual(Array.from({ length: 8 }, () => 'event_log.unreachable'));
    log.setReachable(true);
    await scheduler.elapse();
    expect(scheduler.delaysMs).toEqual([500]);
  });

  it('do not stamp what was committed while they asked', async () => {
    const log = new MemoryEventLog();
    const listener = new RecordingListener();
    const slow: FeedSource = {
      heads: async () => {
        const heads = await log.heads();
        clock.advance(50);
        return heads;
      },
      read: (...page) => log.read(...page),
    };
    const { clock, scheduler } = rounds(slow, listener);
    const started = clock.now();
    await scheduler.somethingPending();
    expect(listener.stamps).toEqual([{ committedBefore: started }]);
  });

  it('deliver again what a listener did not take, and do not stamp before it has', async () => {
    const log = new MemoryEventLog();
    const organisationId = newOrganisationId();
    await log.append(anAppend(organisationId, [newIdentity()]));
    const inner = new RecordingListener();
    let failing = true;
    const listener: FeedListener = {
      onEvents: (events) => {
        if (failing) throw new Error('cannot fold');
        inner.onEvents(events);
      },
      onStamp: (stamp) => inner.onStamp(stamp),
    };
    const { scheduler, faults } = rounds(log, listener);
    await scheduler.somethingPending();
    expect([faults.length, inner.stamps.length]).toEqual([1, 0]);
    failing = false;
    await scheduler.elapse();
    expect([inner.revisionOf(organisationId), inner.stamps.length]).toEqual([1, 1]);
  });

  it('refuse an organisation that cannot be read, once, and stamp the others on', async () => {
    const log = new MemoryEventLog();
    const [broken, sound] = [newOrganisationId(), newOrganisationId()];
    await log.append(anAppend(broken, [newIdentity()]));
    await log.append(anAppend(sound, [newIdentity()]));
    const listener = new RecordingListener();
    const { scheduler } = rounds(unreadable(log, broken), listener);
    await scheduler.somethingPending();
    await scheduler.elapse();
    expect(listener.unreadable.map((one) => [one.organisationId, one.fault.code])).toEqual([[broken, 'wire.undecodable']]);
    expect([listener.revisionOf(sound), listener.stamps.length]).toEqual([1, 2]);
  });

  it('stop stamping for a listener that cannot be told of an unreadable organisation', async () => {
    const log = new MemoryEventLog();
    const broken = newOrganisationId();
    await log.append(anAppend(broken, [newIdentity()]));
    const inner = new RecordingListener();
    const { scheduler, faults } = rounds(unreadable(log, broken), { onEvents: (events) => inner.onEvents(events), onStamp: (stamp) => inner.onStamp(stamp) });
    await scheduler.somethingPending();
    await scheduler.elapse();
    expect([inner.stamps.length, faults.map((fault) => fault.code)]).toEqual([0, ['wire.undecodable', 'wire.undecodable']]);
  });

  it('refuse an organisation whose log is shorter than what was applied', async () => {
    const log = new MemoryEventLog();
    const [rewound, vanished] = [newOrganisationId(), newOrganisationId()];
    await log.append(anAppend(rewound, [newIdentity()]));
    const applied = new Map([[rewound, branded<Revision>(2)], [vanished, branded<Revision>(1)]]);
    const listener = new RecordingListener(applied);
    const { scheduler } = rounds(log, listener, applied);
    await scheduler.somethingPending();
    await log.append(anAppend(rewound, [newIdentity(), newIdentity()]));
    await scheduler.elapse();
    expect(listener.unreadable.map((one) => [one.organisationId, one.fault.code])).toEqual([[rewound, 'event_log.rewound'], [vanished, 'event_log.rewound']]);
    expect(listener.revisionOf(rewound)).toBe(2);
  });
});

function unreadable(log: MemoryEventLog, organisationId: OrganisationId): FeedSource {
  return {
    heads: () => log.heads(),
    read: async (asked, after, limit) => {
      if (asked === organisationId) throw undecodable('a fact nobody knows');
      return log.read(asked, after, limit);
    },
  };
}
