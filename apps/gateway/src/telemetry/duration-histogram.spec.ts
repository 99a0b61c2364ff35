import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';

import { DurationHistogram } from './duration-histogram.js';

const ABOUT = { name: 'sallyport_test_seconds', help: 'How long it took.', bounds: [0.0005, 0.001, 0.25, 1, 120] };

describe('a histogram of durations', () => {
  it('shows at a scrape what the library’s own shows of the same durations', async () => {
    const onBound = fc.constantFrom(...ABOUT.bounds.map((bound) => bound * 1e6));
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(onBound, fc.integer({ min: 0, max: 200_000_000 })), { maxLength: 1 }), async (durationsUs) => {
      const [own, library] = [new Registry(), new Registry()];
      const counted = new DurationHistogram(own, ABOUT);
      const known = new Histogram({ name: ABOUT.name, help: ABOUT.help, buckets: [...ABOUT.bounds], registers: [library] });
      for (const us of durationsUs) {
        counted.took(us);
        known.observe(us / 1e6);
      }
      expect(await own.metrics()).toBe(await library.metrics());
    }));
  });

  it('counts many, each in the first bucket that holds it and in all above', async () => {
    const registry = new Registry();
    const counted = new DurationHistogram(registry, ABOUT);
    for (const us of [499, 500, 501, 240_000, 121_000_000]) counted.took(us);
    const text = await registry.metrics();
    expect([...text.matchAll(/le="([^"]+)"\} (\d+)/g)].map(([, bound, count]) => [bound, Number(count)])).toEqual([['0.0005', 2], ['0.001', 3], ['0.25', 4], ['1', 4], ['120', 4], ['+Inf', 5]]);
    expect(text).toContain('sallyport_test_seconds_sum 121.2415\n');
    expect(text).toContain('sallyport_test_seconds_count 5\n');
  });

  it('starts anew with its registry', async () => {
    const registry = new Registry();
    const counted = new DurationHistogram(registry, ABOUT);
    counted.took(5);
    registry.resetMetrics();
    counted.took(2_000_000);
    expect(await registry.metrics()).toContain('sallyport_test_seconds_bucket{le="120"} 1\n');
    expect(await registry.metrics()).toContain('sallyport_test_seconds_count 1\n');
  });
});
