import { describe, expect, it } from 'vitest';

import { checkHistory } from './check-history.js';
import { EMPTY_HISTORY, type CallSeen, type ReportSeen, type RunHistory } from './run-history.js';

const call = (more: Partial<CallSeen> = {}): CallSeen => ({ worker: 'worker-1', grant: 'g', organisation: 'o', beganMs: 0, endedMs: 10, verdict: 'allowed', expected: null, ...more });
const report = (more: Partial<ReportSeen> = {}): ReportSeen => ({ seenMs: 0, workerId: 'worker-1', incarnation: 'i', sequence: 1, state: 'ready', position: 5, stampAgeMs: 100, applied: [], nacks: [], refusedRecords: [], ...more });
const applied = (revision: number, stateHash: string | null = null): ReportSeen['applied'] => [{ organisationId: 'o', revision, stateHash }];
const broken = (history: Partial<RunHistory>): readonly string[] => checkHistory({ ...EMPTY_HISTORY, ...history }).map(({ invariant }) => invariant);

describe('a history', () => {
  it('of nothing breaks nothing', () => {
    expect(checkHistory(EMPTY_HISTORY)).toEqual([]);
  });

  it('is broken by a revision or a position that went back within one start, and by none that did over two', () => {
    expect(broken({ reports: [report({ applied: applied(3) }), report({ sequence: 2, applied: applied(4) })] })).toEqual([]);
    expect(broken({ reports: [report({ applied: applied(3) }), report({ sequence: 2, applied: applied(2) })] })).toEqual(['I1']);
    expect(broken({ reports: [report(), report({ sequence: 2, position: 4 })] })).toEqual(['I1']);
    expect(broken({ reports: [report({ applied: applied(3) }), report({ incarnation: 'j', applied: applied(2) })] })).toEqual([]);
  });

  it('does not take a report that came twice for one that went back', () => {
    expect(broken({ reports: [report(), report({ sequence: 2, position: 6 }), report()] })).toEqual([]);
  });

  it('is broken by two states at one revision, and not by states that were not computed', () => {
    const other = (hash: string | null): ReportSeen => report({ workerId: 'worker-2', incarnation: 'j', applied: applied(3, hash) });
    expect(broken({ reports: [report({ applied: applied(3, 'aa') }), other('aa')] })).toEqual([]);
    expect(broken({ reports: [report({ applied: applied(3, 'aa') }), other(null)] })).toEqual([]);
    expect(broken({ reports: [report({ applied: applied(3, 'aa') }), other('bb')] })).toEqual(['I2']);
  });

  it('is broken by an allowed call that began after the answer, not by one that overlaps it', () => {
    const revocations = [{ grant: 'g', askedMs: 50, answeredMs: 100, enforced: true }];
    expect(broken({ revocations, calls: [call({ beganMs: 99, endedMs: 200 }), call({ beganMs: 101, verdict: '401' }), call({ grant: 'h', beganMs: 101 })] })).toEqual([]);
    expect(broken({ revocations, calls: [call({ beganMs: 101 })] })).toEqual(['I3']);
    expect(broken({ revocations: [{ grant: 'g', askedMs: 50, answeredMs: 100, enforced: false }], calls: [call({ beganMs: 101 })] })).toEqual([]);
  });

  it('is broken by a call allowed later than S and the skew after the worker heard the last', () => {
    const cutOffs = [{ worker: 'worker-1', fromMs: 0, untilMs: 20_000 }];
    expect(broken({ cutOffs, calls: [call({ beganMs: 6_999, endedMs: 7_001 }), call({ worker: 'worker-2', beganMs: 9_000, endedMs: 9_001 }), call({ beganMs: 20_001, endedMs: 20_002 })] })).toEqual([]);
    expect(broken({ cutOffs, calls: [call({ beganMs: 7_001, endedMs: 7_002 })] })).toEqual(['I4']);
  });

  it('is broken by a record that is missing or doubled, unless the hole is named', () => {
    const audit = [1, 2, 4].map((sequence) => ({ incarnation: 'i', sequence }));
    expect(broken({ audit })).toEqual(['I5']);
    expect(broken({ audit, holes: [{ incarnation: 'i', from: 3, to: 3 }] })).toEqual([]);
    expect(broken({ audit, holes: [{ incarnation: 'j', from: 3, to: 3 }] })).toEqual(['I5']);
    expect(broken({ audit: [...audit, { incarnation: 'i', sequence: 3 }, { incarnation: 'i', sequence: 3 }] })).toEqual(['I5']);
    expect(broken({ audit: [{ incarnation: 'i', sequence: 2 }] })).toEqual(['I5']);
  });

  it('is broken by one call more than a hard limit', () => {
    expect(broken({ hardLimits: [{ grant: 'g', max: 2 }], calls: [call(), call(), call({ verdict: 'limit_exceeded' })] })).toEqual([]);
    expect(broken({ hardLimits: [{ grant: 'g', max: 2 }], calls: [call(), call(), call()] })).toEqual(['I6']);
  });

  it('is broken by another answer than what was due', () => {
    expect(broken({ calls: [call({ expected: 'allowed' }), call({ verdict: '401' })] })).toEqual([]);
    expect(broken({ calls: [call({ expected: 'allowed', verdict: 'policy_stale' })] })).toEqual(['I7']);
  });

  it('is broken by rows that a replay makes otherwise', () => {
    expect(broken({ replays: [{ table: 'grants', before: 'a', after: 'a' }] })).toEqual([]);
    expect(broken({ replays: [{ table: 'grants', before: 'a', after: 'b' }] })).toEqual(['I8']);
  });
});
