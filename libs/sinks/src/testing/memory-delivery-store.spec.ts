import type { AuditFact } from '@sallyport/audit-event';
import { FakeClock } from '@sallyport/kernel/testing';

import type { SinkKey } from '../delivery-store.js';
import { deliveryStoreContract } from './delivery-store.contract.js';
import { MemoryDeliveryStore } from './memory-delivery-store.js';

const UNFIT: AuditFact = { event_id: 'unfit', time: '', type: 'export.gap', severity: 1 };

deliveryStoreContract('MemoryDeliveryStore', async () => {
  const clock = new FakeClock();
  const facts = new Map<string, readonly AuditFact[]>();
  let sinks = 0;
  return {
    store: new MemoryDeliveryStore(clock, (organisationId, appended) => {
      if (appended.some((fact) => fact.event_id === 'unfit')) throw new Error('unfit');
      facts.set(organisationId, [...(facts.get(organisationId) ?? []), ...appended]);
    }),
    newSink: async (): Promise<SinkKey> => ({ organisationId: `organisation-${(sinks += 1)}`, sinkId: `sink-${sinks}` }),
    facts: async (sink) => facts.get(sink.organisationId) ?? [],
    elapse: async (ms) => clock.advance(ms),
    unfitFact: UNFIT,
    close: async () => undefined,
  };
});
