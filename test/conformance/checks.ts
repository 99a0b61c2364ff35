import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

import type { Check } from './referee.js';

/** One check that comes out otherwise behind the gateway; statuses with their counts, as `9 SUCCESS, 2 SKIPPED`. */
export interface Difference {
  readonly scenario: string;
  readonly check: string;
  readonly direct: string;
  readonly gateway: string;
}

/** A difference that is meant: in which run of the referee, and why. */
export interface ExpectedDifference extends Difference {
  readonly run: string;
  readonly because: string;
}

type Counts = ReadonlyMap<string, number>;
type Tally = ReadonlyMap<string, Counts>;

const BAD = ['FAILURE', 'WARNING'];
const NONE: Counts = new Map();

/**
 * What the gateway lost: checks that pass less often than directly, fail or warn more often, or were made less often. A check is
 * its scenario and its id; the referee makes some several times. Gains are not looked at.
 */
export function lost(direct: readonly Check[], gateway: readonly Check[]): readonly Difference[] {
  const [before, behind] = [tally(direct), tally(gateway)];
  return [...new Set([...before.keys(), ...behind.keys()])].sort().flatMap((key) => {
    const [own, relayed] = [before.get(key) ?? NONE, behind.get(key) ?? NONE];
    const [scenario = '', check = ''] = key.split(' ');
    return isLoss(own, relayed) ? [{ scenario, check, direct: shown(own), gateway: shown(relayed) }] : [];
  });
}

/** How many of the checks have a status. */
export function count(checks: readonly Check[], status: string): number {
  return checks.filter((check) => check.status === status).length;
}

/** Checks that did not pass, each as `scenario check: what went wrong`. */
export function complaints(checks: readonly Check[]): readonly string[] {
  return checks.filter(({ status }) => BAD.includes(status)).map(({ scenario, id, errorMessage }) => `${scenario} ${id}: ${errorMessage ?? ''}`);
}

/** Every difference that is meant, from the file beside this one. */
export function expectedDifferences(): readonly ExpectedDifference[] {
  return parse(readFileSync(new URL('expected-differences.yaml', import.meta.url), 'utf8')) as readonly ExpectedDifference[];
}

/** Those of one run, and of one of its scenarios where it is named, as `lost` gives them. */
export function expectedIn(run: string, scenario?: string): readonly Difference[] {
  const own = expectedDifferences().filter((difference) => difference.run === run && (scenario === undefined || difference.scenario === scenario));
  return own.map(({ scenario: of, check, direct, gateway }) => ({ scenario: of, check, direct, gateway }));
}

function isLoss(own: Counts, relayed: Counts): boolean {
  const passesLess = (relayed.get('SUCCESS') ?? 0) < (own.get('SUCCESS') ?? 0);
  const failsMore = BAD.some((status) => (relayed.get(status) ?? 0) > (own.get(status) ?? 0));
  return passesLess || failsMore || total(relayed) < total(own);
}

function total(counts: Counts): number {
  return [...counts.values()].reduce((sum, part) => sum + part, 0);
}

function tally(checks: readonly Check[]): Tally {
  const made = new Map<string, Map<string, number>>();
  for (const { scenario, id, status } of checks) {
    const key = `${scenario} ${id}`;
    const counts = made.get(key) ?? new Map<string, number>();
    made.set(key, counts.set(status, (counts.get(status) ?? 0) + 1));
  }
  return made;
}

function shown(counts: Counts): string {
  const parts = [...counts].sort(([one], [other]) => one.localeCompare(other)).map(([status, times]) => `${times} ${status}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}
