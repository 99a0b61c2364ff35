import { FakeClock } from '@sallyport/kernel/testing';
import { describe, expect, it } from 'vitest';

import { MemoryEventFeed } from './memory-event-feed.js';
import { MemoryEventLog } from './memory-event-log.js';
import { anAppend, newIdentity, newOrganisationId } from './testing/drafts.js';
import { eventFeedContract } from './testing/event-feed.contract.js';
import { RecordingListener } from './testing/recording-listener.js';

eventFeedContract('the memory event feed', async () => {
  const log = new MemoryEventLog();
  const clock = new FakeClock();
  const feed = new MemoryEventFeed(log, clock);
  return {
    log,
    feed,
    clock,
    beat: async () => feed.beat(),
    sever: async () => log.setReachable(false),
    restore: async () => log.setReachable(true),
    close: async () => undefined,
  };
});

describe('the memory event feed', () => {
  it('has delivered an event when its append resolves', async () => {
    const log = new MemoryEventLog();
    const listener = new RecordingListener();
    new MemoryEventFeed(log, new FakeClock()).follow(listener, new Map());
    const organisationId = newOrganisationId();
    await log.append(anAppend(organisationId, [newIdentity()]));
    expect(listener.revisionOf(organisationId)).toBe(1);
  });
});
