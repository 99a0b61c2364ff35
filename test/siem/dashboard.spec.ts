import { describe, expect, it } from 'vitest';

import { dashboardText } from './named-metrics.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly datasource: { readonly uid: string } }[];
}
interface Dashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly Panel[];
}

describe('the dashboard', () => {
  const dashboard = JSON.parse(dashboardText()) as Dashboard;
  const charts = dashboard.panels.filter(({ type }) => type !== 'row');

  it('has an id of its own and takes whatever Prometheus it is given', () => {
    expect(dashboard.uid).toBe('sallyport-audit');
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toContainEqual(['datasource', 'datasource']);
    for (const { title, datasource, targets = [] } of charts) {
      expect([datasource?.uid, ...targets.map((target) => target.datasource.uid)].every((uid) => uid === '${datasource}'), title).toBe(true);
    }
  });

  it('has its rows in order', () => {
    expect(dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual(['Calls by outcome', 'Denials by reason', 'Audit pipeline', 'Sinks', 'Workers and journals']);
  });

  it('uses only variables that it declares', () => {
    const declared = new Set(dashboard.templating.list.map(({ name }) => name));
    const used = [...dashboardText().matchAll(/\$\{?([a-z]\w*)/g)].map(([, name = '']) => name);
    expect(used.filter((name) => !declared.has(name))).toEqual([]);
  });

  it('has panels with ids of their own that lie beside each other, each asking something', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { h, w, x, y } }) => Array.from({ length: h * w }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`));
    expect(new Set(cells).size).toBe(cells.length);
    for (const { title, targets = [] } of charts) expect(targets.length, title).toBeGreaterThan(0);
  });
});
