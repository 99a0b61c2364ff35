import { setImmediate as turn } from 'node:timers/promises';

import { deploymentTopics, MemoryBroker, MemoryCluster } from '@sallyport/broker';
import { MemoryEventLog, MemoryOutbox } from '@sallyport/event-log';
import { eventFeedContract } from '@sallyport/event-log/testing';
import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';
import { Ed25519Signer, Ed25519TrustedKeys } from '@sallyport/signatures-ed25519';

import { Relay } from '../control/relay.js';
import { StreamEventFeed } from './stream-event-feed.js';

eventFeedContract('a feed over a relay and a broker', async () => {
  const clock = new FakeClock();
  const scheduler = new ManualScheduler(clock);
  const cluster = new MemoryCluster(() => clock.now());
  for (const topic of deploymentTopics(1)) cluster.ensureTopic(topic);
  const log = new MemoryEventLog();
  const signer = Ed25519Signer.generate();
  const keys = () => new Ed25519TrustedKeys([signer.publicKey]);
  const onFault = (): void => undefined;
  const relay = new Relay({ outbox: new MemoryOutbox(log), log, broker: new MemoryBroker(cluster), signer, verifier: keys(), clock, scheduler, onFault });
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 20; turns += 1) await turn();
  };
  /** Time goes on by itself, a little at each turn, so that who waits for a stamp gets one. */
  let running = true;
  const ticking = (async () => {
    for (; running; await turn()) scheduler.advance(5);
  })();
  return {
    log,
    clock,
    laterMs: 600,
    feed: new StreamEventFeed({ broker: new MemoryBroker(cluster), keys: keys(), clock, scheduler, onFault }),
    beat: async () => {
      scheduler.advance(500);
      await settle();
    },
    sever: async () => cluster.setReachable(false),
    restore: async () => cluster.setReachable(true),
    close: async () => {
      running = false;
      await ticking;
      await relay.close();
    },
  };
});
