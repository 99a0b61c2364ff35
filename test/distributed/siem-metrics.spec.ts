import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { operatorFile } from '../e2e/world/world.js';
import { temporaryFolder, removeFolder } from '../e2e/world/temporary-folder.js';
import { dashboardText, metricsNamedIn, rulesText, scrapedMetrics, type ScrapedMetrics } from '../siem/named-metrics.js';
import { Fleet } from './world/fleet.js';

/** What Prometheus adds to every sample. */
const ADDED = new Set(['job', 'instance']);
/** Without a sample while nothing waits. */
const NONE_WHILE_ALL_IS_SENT = 'sallyport_sink_oldest_undelivered_timestamp_seconds';

describe('what alerts and dashboard ask for', () => {
  const exported = temporaryFolder();
  let fleet: Fleet;
  let scraped: ScrapedMetrics;

  beforeAll(async () => {
    mkdirSync(join(exported, 'audit'));
    fleet = await Fleet.start({ workers: 1, operatorFile: operatorFile(`sinks:\n  - { kind: file, directory: ${exported}/audit }\n`) });
    const added = await fleet.world.cli(['sink', 'add', 'file', 'disk', '--set', `directory=${exported}/audit`]);
    expect(added.code, added.stderr).toBe(0);
    await fetch(new URL('/mcp/nowhere', fleet.workers[0]?.url), { method: 'POST', headers: { authorization: 'Bearer not-a-token' } });
    const answer = async (url: string): Promise<string> => (await fetch(new URL('/metrics', url))).text();
    scraped = await vi.waitFor(
      async () => {
        const both = scrapedMetrics(await answer(fleet.world.url), await answer(fleet.workers[0]?.url ?? ''));
        expect(both.samples.get('sallyport_sink_lag_seconds')).toContain('sink');
        return both;
      },
      { timeout: 60_000, interval: 250 },
    );
  });
  afterAll(async () => {
    await fleet?.end();
    removeFolder(exported);
  });

  it.each([
    ['the alert rules', rulesText],
    ['the dashboard', dashboardText],
  ])('is on the /metrics of a running deployment: %s', (_, text) => {
    for (const { name, labels } of metricsNamedIn(text())) {
      if (name === NONE_WHILE_ALL_IS_SENT) expect(scraped.families).toContain(name);
      else expect(scraped.samples.get(name), name).toBeDefined();
      const known = new Set([...(scraped.samples.get(name) ?? labels), ...ADDED]);
      expect(labels.filter((label) => !known.has(label)), name).toEqual([]);
    }
  });

  it('leaves out no figure of the audit stream or of sinks', () => {
    const named = new Set([...metricsNamedIn(rulesText()), ...metricsNamedIn(dashboardText())].map(({ name }) => name));
    expect([...scraped.families].filter((name) => /^sallyport_(audit|sink)_/.test(name) && !named.has(name))).toEqual([]);
  });

  it('names a sink by organisation, name and id, and labels nothing else by what people chose', () => {
    const chosen = ['organisation', 'sink', 'sink_id'];
    for (const [name, labels] of scraped.samples) {
      const of = name.startsWith('sallyport_sink_') && labels.size > 0;
      expect([...labels].filter((label) => chosen.includes(label)), name).toEqual(of ? chosen : []);
    }
  });
});
