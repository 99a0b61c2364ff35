import { collectDefaultMetrics, type Registry } from 'prom-client';

/** Longer than a worker lives: the process' own sampling of its event loop never wakes it. */
const NEVER_MS = 2 ** 31 - 1;
const SAMPLED = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'];

/**
 * The usual figures of a Node process. Those that sampling the event loop gives are left out: each sample would wake an idle
 * worker, ten times a second for figures no finer than a tenth of a second, where the gateway's beat tells its own delay.
 */
export function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  for (const figure of SAMPLED) registry.removeSingleMetric(`nodejs_eventloop_lag_${figure}_seconds`);
}
