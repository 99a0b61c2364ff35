import { MemoryEventLog } from './memory-event-log.js';
import { eventLogContract } from './testing/event-log.contract.js';
import { describe, expect, it } from 'vitest';

import { anAppend, newIdentity, newOrganisationId } from './testing/drafts.js';

eventLogContract('the memory event log', async () => ({ log: new MemoryEventLog(), close: async () => undefined }));

describe('the memory event log', () => {
  it('refuses everybody while unreachable and has lost nothing afterwards', async () => {
    const log = new MemoryEventLog();
    const organisationId = newOrganisationId();
    await log.append(anAppend(organisationId, [newIdentity()]));
    log.setReachable(false);
    await expect(log.heads()).rejects.toMatchObject({ code: 'event_log.unreachable' });
    await expect(log.append(anAppend(organisationId, [newIdentity()]))).rejects.toMatchObject({ code: 'event_log.unreachable' });
    log.setReachable(true);
    expect(await log.head(organisationId)).toBe(1);
  });
});
