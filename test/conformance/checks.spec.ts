import { describe, expect, it } from 'vitest';

import { complaints, expectedDifferences, lost } from './checks.js';
import type { Check } from './referee.js';
import { RUNS } from './runs.js';

const made = (...statuses: string[]): readonly Check[] => statuses.map((status) => ({ scenario: 'ping', id: 'answers', status }));

describe('comparing two runs of the referee', () => {
  it('finds nothing where nothing is lost, whatever was gained', () => {
    expect(lost(made('SUCCESS', 'FAILURE', 'INFO'), made('SUCCESS', 'SUCCESS', 'FAILURE', 'INFO', 'INFO'))).toEqual([]);
  });

  it.each([
    ['passes no more', ['SUCCESS'], ['FAILURE'], '1 SUCCESS', '1 FAILURE'],
    ['passes less often', ['SUCCESS', 'SUCCESS'], ['SUCCESS', 'SKIPPED'], '2 SUCCESS', '1 SKIPPED, 1 SUCCESS'],
    ['is only mentioned', ['SUCCESS'], ['INFO'], '1 SUCCESS', '1 INFO'],
    ['warns', ['INFO'], ['INFO', 'WARNING'], '1 INFO', '1 INFO, 1 WARNING'],
    ['is not made', ['SUCCESS'], [], '1 SUCCESS', 'none'],
    ['is skipped less often and made no other way', ['SKIPPED', 'INFO'], ['INFO'], '1 INFO, 1 SKIPPED', '1 INFO'],
    ['fails where it was not made', [], ['FAILURE'], 'none', '1 FAILURE'],
  ])('finds a check that %s', (_what, direct, gateway, own, relayed) => {
    expect(lost(made(...direct), made(...gateway))).toEqual([{ scenario: 'ping', check: 'answers', direct: own, gateway: relayed }]);
  });

  it('tells checks of one id in two scenarios apart', () => {
    const other: Check = { scenario: 'pong', id: 'answers', status: 'SUCCESS' };
    expect(lost([...made('SUCCESS'), other], [other, other])).toMatchObject([{ scenario: 'ping' }]);
  });

  it('names what went wrong', () => {
    expect(complaints([...made('SUCCESS', 'INFO'), { scenario: 'ping', id: 'answers', status: 'WARNING', errorMessage: 'late' }])).toEqual(['ping answers: late']);
  });
});

describe('the expected differences', () => {
  it('each belong to a run that is made and say why they are meant', () => {
    for (const { run, because } of expectedDifferences()) {
      expect(RUNS).toContain(run);
      expect(because.length).toBeGreaterThan(40);
    }
  });
});
