import { deploymentTopics, MemoryBroker, type MemoryCluster } from '@sallyport/broker';
import { TestKey, TestMac } from '@sallyport/event-stream/testing';

import type { ControlPlaneStream } from '../platform/stream/control-plane-stream.js';

/** A stream over a broker in memory, with its topics made and a key of its own. */
export async function aStreamOfOne(cluster?: MemoryCluster): Promise<ControlPlaneStream & { readonly broker: MemoryBroker; readonly signer: TestKey }> {
  const broker = new MemoryBroker(cluster);
  await broker.ensureTopics(deploymentTopics(3));
  const key = new TestKey('key-of-the-test');
  return { broker, signer: key, verifier: key, mac: new TestMac() };
}
