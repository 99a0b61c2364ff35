import type { CallSeen, ReportSeen, RunHistory } from './run-history.js';

/** S: the age of its newest stamp from which a worker denies in strict organisations, milliseconds. */
export const STRICT_MS = 5_000;
/** How far a worker's clock may be off before it refuses by itself, milliseconds. */
export const SKEW_MS = 2_000;

/** The promises that a history is held against. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8';

/** A promise that was broken, in a sentence that says where. */
export interface Violation {
  readonly invariant: Invariant;
  readonly sentence: string;
}

/**
 * Holds a history against every promise:
 *
 * - I1 a worker's applied revision and position only grow, within one start;
 * - I2 equal revisions of an organisation have equal state, on every worker;
 * - I3 no call that began after a revocation was answered as enforced is allowed;
 * - I4 nothing is allowed by a worker that was cut off for longer than S and the skew;
 * - I5 the stored records of each start are 1..n, each once, or the hole is named;
 * - I6 a hard limit is never exceeded;
 * - I7 calls that nothing concerned were answered as ever;
 * - I8 events replayed into empty tables give the same rows.
 *
 * @returns What was broken; empty when all is well.
 */
export function checkHistory(history: RunHistory): readonly Violation[] {
  const checks: readonly (readonly [Invariant, readonly string[]])[] = [
    ['I1', shrinking(history.reports)],
    ['I2', disagreeing(history.reports)],
    ['I3', allowedAfterRevocation(history)],
    ['I4', allowedWhileCutOff(history)],
    ['I5', missingRecords(history)],
    ['I6', exceededLimits(history)],
    ['I7', disturbed(history.calls)],
    ['I8', differentReplays(history)],
  ];
  return checks.flatMap(([invariant, sentences]) => sentences.map((sentence) => ({ invariant, sentence })));
}

function shrinking(reports: readonly ReportSeen[]): readonly string[] {
  const newest = new Map<string, { readonly sequence: number; readonly value: number }>();
  const grows = (name: string, sequence: number, value: number): readonly string[] => {
    const before = newest.get(name);
    if (before !== undefined && sequence <= before.sequence) return [];
    newest.set(name, { sequence, value });
    return before === undefined || value >= before.value ? [] : [`${name} went from ${before.value} back to ${value}`];
  };
  return reports.flatMap(({ workerId, incarnation, sequence, position, applied }) => [
    ...grows(`the position of ${workerId} (${incarnation})`, sequence, position),
    ...applied.flatMap(({ organisationId, revision }) => grows(`the revision of ${organisationId} at ${workerId} (${incarnation})`, sequence, revision)),
  ]);
}

function disagreeing(reports: readonly ReportSeen[]): readonly string[] {
  const known = new Map<string, { readonly hash: string; readonly by: string }>();
  return reports.flatMap(({ workerId, applied }) =>
    applied.flatMap(({ organisationId, revision, stateHash }) => {
      if (stateHash === null) return [];
      const place = `${organisationId} at ${revision}`;
      const other = known.get(place);
      if (other === undefined) known.set(place, { hash: stateHash, by: workerId });
      return other === undefined || other.hash === stateHash ? [] : [`${place} is ${other.hash.slice(0, 8)} at ${other.by} and ${stateHash.slice(0, 8)} at ${workerId}`];
    }),
  );
}

function allowedAfterRevocation({ calls, revocations }: RunHistory): readonly string[] {
  const enforcedAt = new Map(revocations.filter(({ enforced }) => enforced).map(({ grant, answeredMs }) => [grant, answeredMs]));
  return allowed(calls)
    .filter(({ grant, beganMs }) => beganMs > (enforcedAt.get(grant) ?? Number.POSITIVE_INFINITY))
    .map(({ worker, grant, beganMs }) => `${worker} allowed ${grant} ${Math.round(beganMs - (enforcedAt.get(grant) ?? 0))} ms after its revocation was answered as enforced`);
}

function allowedWhileCutOff({ calls, cutOffs }: RunHistory): readonly string[] {
  return cutOffs.flatMap(({ worker, fromMs, untilMs }) =>
    allowed(calls)
      .filter((call) => call.worker === worker && call.beganMs > fromMs + STRICT_MS + SKEW_MS && call.endedMs < untilMs)
      .map(({ grant, beganMs }) => `${worker} allowed ${grant} ${Math.round(beganMs - fromMs)} ms after it heard the last`),
  );
}

function missingRecords({ audit, holes }: RunHistory): readonly string[] {
  const seen = new Map<string, Map<number, number>>();
  for (const { incarnation, sequence } of audit) {
    const counts = seen.get(incarnation) ?? new Map<number, number>();
    seen.set(incarnation, counts.set(sequence, (counts.get(sequence) ?? 0) + 1));
  }
  return [...seen].flatMap(([incarnation, counts]) => {
    const isNamed = (sequence: number): boolean => holes.some((hole) => hole.incarnation === incarnation && hole.from <= sequence && sequence <= hole.to);
    const all = Array.from({ length: Math.max(...counts.keys()) }, (_, index) => index + 1);
    const missing = all.filter((sequence) => !counts.has(sequence) && !isNamed(sequence)).map((sequence) => `record ${sequence} of ${incarnation} is missing`);
    const doubled = [...counts].filter(([, count]) => count > 1).map(([sequence, count]) => `record ${sequence} of ${incarnation} is stored ${count} times`);
    return [...missing, ...doubled];
  });
}

function exceededLimits({ calls, hardLimits }: RunHistory): readonly string[] {
  return hardLimits.flatMap(({ grant, max }) => {
    const count = allowed(calls).filter((call) => call.grant === grant).length;
    return count > max ? [`${grant} was allowed ${count} times at a limit of ${max}`] : [];
  });
}

function disturbed(calls: readonly CallSeen[]): readonly string[] {
  return calls
    .filter(({ expected, verdict }) => expected !== null && verdict !== expected)
    .map(({ worker, grant, organisation, verdict, expected }) => `${worker} answered ${verdict} instead of ${expected} to ${grant} of ${organisation}`);
}

function differentReplays({ replays }: RunHistory): readonly string[] {
  return replays.filter(({ before, after }) => before !== after).map(({ table }) => `${table} is another after a replay`);
}

function allowed(calls: readonly CallSeen[]): readonly CallSeen[] {
  return calls.filter(({ verdict }) => verdict === 'allowed');
}
