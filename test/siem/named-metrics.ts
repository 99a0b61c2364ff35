import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../deploy/siem/${path}`, import.meta.url));

/** Text of the alert rules. */
export const rulesText = (): string => readFileSync(fileOf('prometheus/sallyport.rules.yaml'), 'utf8');
/** Text of the dashboard. */
export const dashboardText = (): string => readFileSync(fileOf('grafana/sallyport-audit.json'), 'utf8');

/** A metric that an alert or a panel asks for, with the labels that it selects by. */
export interface NamedMetric {
  readonly name: string;
  readonly labels: readonly string[];
}

/** Every metric of Sallyport that a text names, once for each place. */
export function metricsNamedIn(text: string): readonly NamedMetric[] {
  return [...text.matchAll(/\b(sallyport_[a-z_]+)(?:\{([^}]*)\})?/g)].map(([, name = '', selector = '']) => ({ name, labels: [...selector.matchAll(/(\w+)\s*=~?/g)].map(([, label = '']) => label) }));
}

/** What an answer of `/metrics` has: families with their types, and the labels of every name that has a sample. */
export interface ScrapedMetrics {
  readonly families: ReadonlySet<string>;
  readonly samples: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Reads answers of `/metrics` together. */
export function scrapedMetrics(...answers: readonly string[]): ScrapedMetrics {
  const families = new Set<string>();
  const samples = new Map<string, Set<string>>();
  for (const line of answers.join('\n').split('\n')) {
    const family = /^# TYPE (\w+) /.exec(line)?.[1];
    if (family !== undefined) families.add(family);
    const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const seen = samples.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) seen.add(label);
    samples.set(name, seen);
  }
  return { families, samples };
}
