import type { EventFeed } from '@sallyport/event-log';
import { expect, it } from 'vitest';

import { TestGateway } from './testing/test-gateway.js';

/** A feed whose subscription does not close. */
function unclosable(feed: EventFeed): EventFeed {
  return {
    follow: (listener, applied) => {
      const subscription = feed.follow(listener, applied);
      return { caughtUp: () => subscription.caughtUp(), nudge: () => subscription.nudge(), close: () => Promise.reject(new Error('the feed does not close')) };
    },
  };
}

it('stops every other part when one does not stop, and then says what went wrong', async () => {
  const stdio = [{ slug: 'tools', env: {}, command: process.execPath, args: ['-e', 'process.stdin.resume()'] }];
  const world = await TestGateway.start({ stdio, feed: unclosable });
  const { organisation } = await world.grantFor({});
  const server = world.gateway.stdioServer(organisation.id, 'tools');
  await expect(world.gateway.stop()).rejects.toThrow('the feed does not close');
  expect(server?.state).toBe('stopped');
  await world.stop();
});
