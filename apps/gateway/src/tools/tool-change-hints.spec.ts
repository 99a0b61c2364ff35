import { branded, type OrganisationId, type ServerId } from '@sallyport/kernel';
import { FakeClock } from '@sallyport/kernel/testing';
import { describe, expect, it } from 'vitest';

import { TOOLS_CHANGED, ToolChangeHints, type HintedServer } from './tool-change-hints.js';

describe('that a server said its tools changed', () => {
  const serverOf = (id: string): HintedServer => ({ organisation: { organisationId: branded<OrganisationId>('acme') }, server: { serverId: branded<ServerId>(id) } });
  const made = () => {
    const clock = new FakeClock();
    const hinted: string[] = [];
    return { clock, hinted, hints: new ToolChangeHints(clock, (organisationId, serverId) => void hinted.push(`${organisationId}/${serverId}`)) };
  };

  it('is passed on at once, for each server, and nothing else is', () => {
    const { hints, hinted } = made();
    hints.hear(serverOf('one'), TOOLS_CHANGED);
    hints.hear(serverOf('two'), TOOLS_CHANGED);
    hints.hear(serverOf('three'), 'notifications/resources/list_changed');
    hints.hear(serverOf('three'), null);
    expect(hinted).toEqual(['acme/one', 'acme/two']);
  });

  it('is passed on once more, and no sooner than after five seconds, however often it says so', () => {
    const { clock, hints, hinted } = made();
    for (let n = 0; n < 100; n += 1) hints.hear(serverOf('one'), TOOLS_CHANGED);
    clock.advance(4_999);
    hints.pass();
    expect(hinted).toHaveLength(1);
    clock.advance(1);
    hints.pass();
    hints.pass();
    expect(hinted).toEqual(['acme/one', 'acme/one']);
  });
});
