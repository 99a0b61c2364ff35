import type { EventFeed } from '@sallyport/event-log';
import { expect, it } from 'vitest';

import { callFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, legacyServer } from './testing/scripted-upstream.js';
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

it('has not stopped before it served a request that was read to its end in the very turn in which it was told to', async () => {
  const upstream = await ScriptedUpstream.start(legacyServer(false));
  let recordedBy: (world: TestGateway) => void = () => undefined;
  const recorded = new Promise<readonly string[]>((resolve) => {
    recordedBy = (stopping) => void stopping.gateway.stop().then(() => resolve(stopping.records.map(({ kind }) => kind)));
  });
  const world = await TestGateway.start({ onRequest: (request) => request.on('end', () => recordedBy(world)) });
  const grant = await world.grantFor({ url: upstream.url });
  const answer = postFrame(grant, callFrame('echo'));
  expect(await recorded).toEqual(['decided', 'completed']);
  expect((await answer).message).toMatchObject({ id: 1, result: { content: [{}] } });
  await world.stop();
  await upstream.stop();
});
