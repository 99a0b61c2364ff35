import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { SequencedRecord } from '@sallyport/audit';
import { aCompleted, aDecided } from '@sallyport/audit/testing';
import { canonicalJson } from '@sallyport/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { JournalPlace } from './testing/journal-place.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const child = fileURLToPath(new URL('../dist/testing/journal-child.js', import.meta.url));
const KILLS = 25;

describe('a journal whose process is killed', () => {
  const place = new JournalPlace();
  const busPath = join(place.folder, 'bus.ndjson');
  const told = new Set<string>();
  const failures: string[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, [join(root, 'test/quality/build.mjs')]);
    for (let kill = 0; kill < KILLS; kill += 1) {
      await runUntilKilled((kill * 137) % 307);
      checkNothingIsMissing(await place.kept(), kill);
    }
  }, 180_000);
  afterAll(async () => {
    await place.remove();
  });

  /** Runs a writer and kills it after so many decisions were reported, wherever it then is. */
  async function runUntilKilled(afterReports: number): Promise<void> {
    const writer = spawn(process.execPath, [child, place.folder, busPath, JSON.stringify(aDecided(1)), JSON.stringify(aCompleted(1))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => writer.once('exit', (_, signal) => resolve(signal)));
    let reports = 0;
    for await (const line of createInterface({ input: writer.stdout })) {
      if (line.length === 36) told.add(line);
      if (reports === afterReports) writer.kill('SIGKILL');
      reports += 1;
    }
    if ((await ended) !== 'SIGKILL') failures.push('the writer ended by itself');
  }

  const published = (): SequencedRecord[] => {
    const text = existsSync(busPath) ? readFileSync(busPath, 'utf8') : '';
    return text.split('\n').filter((line) => line.endsWith('}}')).map((line) => JSON.parse(line));
  };

  function checkNothingIsMissing(kept: readonly SequencedRecord[], kill: number): void {
    const places = new Map<string, string>();
    const found = new Set<string>();
    const highest = new Map<string, number>();
    for (const { incarnation, localSeq, record } of [...published(), ...kept]) {
      const content = canonicalJson(JSON.parse(JSON.stringify(record)));
      const known = places.get(`${incarnation}/${localSeq}`) ?? content;
      if (known !== content) failures.push(`kill ${kill}: two records at ${incarnation}/${localSeq}`);
      places.set(`${incarnation}/${localSeq}`, content);
      highest.set(incarnation, Math.max(localSeq, highest.get(incarnation) ?? 0));
      if (record.kind === 'decided') found.add(record.decisionId);
    }
    const expected = [...highest.values()].reduce((sum, count) => sum + count, 0);
    if (places.size !== expected) failures.push(`kill ${kill}: ${expected - places.size} numbers missing`);
    for (const decisionId of told) if (!found.has(decisionId)) failures.push(`kill ${kill}: ${decisionId} is lost`);
  }

  it('has every decision that was reported as kept, each number once, and no gap, after each of 25 kills', () => {
    expect(failures.slice(0, 5)).toEqual([]);
    expect(told.size).toBeGreaterThan(KILLS * 20);
  });

  it('ends every admitted call exactly once, those of the killed as abandoned, and ships it all [audit/nothing-lost]', async () => {
    const stored = new Map(published().map((one) => [`${one.incarnation}/${one.localSeq}`, one]));
    const journal = await place.open({
      segmentBytes: 65_536,
      bus: { publish: async (batch) => batch.forEach((one) => stored.set(`${one.incarnation}/${one.localSeq}`, one)) },
    });
    expect(journal.recovery.damaged).toEqual([]);
    await journal.drained();
    const begun = new Set<string>();
    const ends = new Map<string, string[]>();
    for (const { record } of stored.values()) {
      if (record.kind === 'decided') begun.add(record.decisionId);
      else if (record.kind === 'completed') ends.set(record.decisionId, [...(ends.get(record.decisionId) ?? []), record.outcome]);
    }
    expect([...told].filter((decisionId) => !begun.has(decisionId))).toEqual([]);
    expect([...begun].filter((decisionId) => ends.get(decisionId)?.length !== 1)).toEqual([]);
    expect([...ends.keys()].filter((decisionId) => !begun.has(decisionId))).toEqual([]);
    expect(new Set([...ends.values()].flat())).toEqual(new Set(['allowed', 'abandoned']));
  });
});
