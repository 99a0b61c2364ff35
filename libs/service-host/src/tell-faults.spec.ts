import { expect, it } from 'vitest';

import { startFault } from './start-faults.js';
import { tellFaults } from './tell-faults.js';

it('tells the first fault of each code at once, and those that follow every ten seconds with their number', () => {
  const lines: unknown[] = [];
  let now = 0;
  const tell = tellFaults({ log: { warn: (facts: object) => void lines.push(facts) }, event: 'e', sentence: 's', nowMs: () => now });
  for (now = 0; now < 10_000; now += 1_000) tell(startFault.not_ready('not yet'));
  tell(startFault.port_in_use('taken'));
  tell(startFault.not_ready('still not'));
  expect(lines).toEqual([
    { event: 'e', code: 'start.not_ready', reason: 'not yet', times: 1 },
    { event: 'e', code: 'start.port_in_use', reason: 'taken', times: 1 },
    { event: 'e', code: 'start.not_ready', reason: 'still not', times: 10 },
  ]);
});
