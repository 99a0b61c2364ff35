import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { EventFeed } from '@sallyport/event-log';
import { expect, it, vi } from 'vitest';

import { refuseStarting } from './http/refuse-starting.js';
import { callFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, legacyServer } from './testing/scripted-upstream.js';
import { TestGateway } from './testing/test-gateway.js';

const STARTING = { error: { message: 'The gateway is starting. Try again in a moment.' } };

/** A feed whose backlog ends when it is said to, whatever it delivers before. */
function endingWhen(said: Promise<void>): (feed: EventFeed) => EventFeed {
  return (feed) => ({
    follow: (listener, applied) => {
      const subscription = feed.follow(listener, applied);
      return { caughtUp: () => said, nudge: () => subscription.nudge(), close: () => subscription.close() };
    },
  });
}

it('tells a client whose token it does not know yet to try again; that it is not valid it says once everything was read', async () => {
  const upstream = await ScriptedUpstream.start(legacyServer(false));
  let end = (): void => undefined;
  const world = await TestGateway.start({ early: true, feed: endingWhen(new Promise((resolve) => (end = resolve))) });
  const grant = await world.grantFor({ url: upstream.url });
  const revoked = await world.grantFor({ url: upstream.url, organisation: 'other' });
  await revoked.organisation.revoke(revoked.grantId);
  const elsewhere = await TestGateway.start();
  const { token: unread } = await elsewhere.grantFor({});
  const ask = async (token: string) => {
    const { status, message, headers } = await postFrame({ url: grant.url, token }, callFrame('echo'));
    return { status, message, retryAfter: headers.get('retry-after') };
  };
  expect(await ask(grant.token)).toMatchObject({ status: 200 });
  for (const bad of ['sp_agt_nonsense', revoked.token]) expect(await ask(bad)).toMatchObject({ status: 401 });
  expect(await ask(unread)).toMatchObject({ status: 503, message: STARTING, retryAfter: '1' });
  end();
  await vi.waitFor(async () => expect(await ask(unread)).toMatchObject({ status: 401 }));
  expect(upstream.calls).toHaveLength(1);
  for (const each of [elsewhere, world, upstream]) await each.stop();
});

it('has an answer for whoever comes before there is a gateway', async () => {
  const server = createServer(refuseStarting);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { status, message, headers } = await postFrame({ url: `http://127.0.0.1:${port}/mcp/tools`, token: 'sp_agt_any' }, callFrame('echo'), { 'x-request-id': 'mine' });
  expect({ status, message, retryAfter: headers.get('retry-after'), requestId: headers.get('x-request-id') }).toMatchObject({ status: 503, message: STARTING, retryAfter: '1', requestId: 'mine' });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
