import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';

import { MOST_SINKS_SHOWN, SinkMetrics, type SinkFigure } from './sink-metrics.js';

const FIGURE: SinkFigure = {
  ...{ organisation: 'acme', sink: 'siem', sinkId: 's-1', state: 'backoff', lagEvents: 3, lagSeconds: 12.5, oldestUndeliveredMs: 1_763_715_600_000 },
  ...{ waitingDeadLetters: 2, attempts: 9, failedAttempts: 4, delivered: 100, deadLettered: 5, gapEvents: 6 },
};
const LABELS = '{organisation="acme",sink="siem",sink_id="s-1"}';

describe('the figures of sinks', () => {
  const shown = async (...looks: readonly (readonly SinkFigure[])[]): Promise<string> => {
    const registry = new Registry();
    const metrics = new SinkMetrics(registry);
    for (const figures of looks) metrics.show(figures, 1_763_715_612_500);
    return registry.metrics();
  };

  it('name each sink by its organisation, name and id', async () => {
    const text = await shown([FIGURE]);
    for (const [name, value] of [
      ['lag_seconds', 12.5],
      ['lag_events', 3],
      ['oldest_undelivered_timestamp_seconds', 1_763_715_600],
      ['dead_letters_waiting', 2],
      ['attempts_total', 9],
      ['failures_total', 4],
      ['events_delivered_total', 100],
      ['dead_letters_total', 5],
      ['gap_events_total', 6],
    ] as const) {
      expect(text).toContain(`sallyport_sink_${name}${LABELS} ${value}\n`);
    }
    expect(text).toContain('sallyport_sink_figures_timestamp_seconds 1763715612.5');
  });

  it('say of one state that it is the sink’s, and of the others that they are not', async () => {
    const text = await shown([FIGURE]);
    expect([...text.matchAll(/state="(\w+)"\} (\d)/g)].map(([, state, value]) => [state, value])).toEqual([['active', '0'], ['backoff', '1'], ['paused', '0'], ['disabled', '0']]);
  });

  it('count on from one look to the next instead of adding up, and forget a sink that is gone', async () => {
    expect(await shown([FIGURE], [FIGURE])).toContain(`attempts_total${LABELS} 9\n`);
    expect(await shown([FIGURE], [])).not.toContain('siem');
  });

  it('leave out the oldest event where nothing waits', async () => {
    expect(await shown([{ ...FIGURE, oldestUndeliveredMs: null, lagSeconds: 0 }])).not.toContain('oldest_undelivered_timestamp_seconds{');
  });

  it('are of a bounded number of sinks, those in trouble first, and say how many are left out', async () => {
    const healthy = Array.from({ length: MOST_SINKS_SHOWN + 4 }, (_, n): SinkFigure => ({ ...FIGURE, sink: `fine-${n}`, sinkId: `${n}`, state: 'active', waitingDeadLetters: 0 }));
    const text = await shown([...healthy, FIGURE]);
    expect([...text.matchAll(/^sallyport_sink_lag_seconds\{/gm)]).toHaveLength(MOST_SINKS_SHOWN);
    expect(text).toContain('sink="siem"');
    expect(text).toContain('sallyport_sink_unlisted 5');
  });
});
