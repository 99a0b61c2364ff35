import { branded, type Revision } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { foldEvents } from './fold-events.js';
import { MemoryEventLog } from './memory-event-log.js';
import { anAppend, newIdentity, newOrganisationId } from './testing/drafts.js';

describe('folding events', () => {
  it('gives the state after the last, in order, and the first state for none', async () => {
    const log = new MemoryEventLog();
    const [organisationId, objects] = [newOrganisationId(), [newIdentity(), newIdentity()]];
    await log.append(anAppend(organisationId, objects));
    const events = await log.read(organisationId, branded<Revision>(0), 10);
    const story = (state: readonly string[], fact: { type: string }, event: { revision: number }) => [...state, `${event.revision} ${fact.type}`];
    expect(foldEvents(events, story, [])).toEqual(['1 identity.disabled', '2 identity.disabled']);
    expect(foldEvents([], story, [])).toEqual([]);
  });
});
