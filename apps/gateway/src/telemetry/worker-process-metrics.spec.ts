import { createRequire } from 'node:module';

import { Registry } from 'prom-client';
import { expect, it, vi } from 'vitest';

import { collectProcessMetrics } from './worker-process-metrics.js';

it('tells what the process uses and how late its event loop is now, and no figure of a sampling that does not happen', async () => {
  const registry = new Registry();
  collectProcessMetrics(registry);
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds', 'nodejs_gc_duration_seconds']));
  expect(names.filter((name) => /^nodejs_eventloop_lag_.+_seconds$/.test(name))).toEqual([]);
  expect(await registry.metrics()).toContain('nodejs_eventloop_lag_seconds');
});

it('lets no sampling of the event loop wake the process while it lives', () => {
  const hooks = createRequire(import.meta.url)('node:perf_hooks') as typeof import('node:perf_hooks');
  const sampled = vi.spyOn(hooks, 'monitorEventLoopDelay');
  collectProcessMetrics(new Registry());
  expect(sampled.mock.calls).toEqual([[{ resolution: 2 ** 31 - 1 }]]);
  sampled.mockRestore();
});
