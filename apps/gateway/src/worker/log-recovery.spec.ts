import { describe, expect, it } from 'vitest';

import { logRecovery } from './log-recovery.js';

describe('what the log says of a journal that was found', () => {
  const said = (report: Parameters<typeof logRecovery>[0]): readonly unknown[] => {
    const lines: unknown[] = [];
    const at = (level: string) => (facts: object) => void lines.push([level, facts]);
    logRecovery(report, { warn: at('warn'), error: at('error') } as Parameters<typeof logRecovery>[1]);
    return lines;
  };

  it('is nothing when everything is there', () => {
    expect(said({ records: 9, damaged: [], torn: [], orphans: 0 })).toEqual([]);
  });

  it('names every damaged place as an error, a torn end and cut off calls as warnings', () => {
    const damaged = { segment: '0001.segment', offset: 4096, bytes: 800, missing: 1 };
    const torn = { segment: '0002.segment', offset: 64 };
    expect(said({ records: 9, damaged: [damaged], torn: [torn], orphans: 2 })).toEqual([['error', damaged], ['warn', torn], ['warn', { calls: 2 }]]);
  });
});
