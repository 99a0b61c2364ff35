import { REASON_CODES } from '@sallyport/audit';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';

import { GatewayMetrics } from './gateway-metrics.js';

const STILL = {
  ...{ sessions: () => 0, callsInFlight: () => 0, stampAgeSeconds: () => Number.NaN, organisations: () => 1, refusedOrganisations: () => 0 },
  ...{ eventsApplied: () => 5, journal: () => ({ fullShare: 0.25, refusedDecisions: 2, droppedNotes: 3, unshippedRecords: 7, oldestUnshippedAtMs: 1_763_715_600_500 }) },
};

describe('the gateway’s figures', () => {
  it('count calls by how they ended, and those that were not forwarded by why', async () => {
    const registry = new Registry();
    const metrics = new GatewayMetrics(registry, STILL);
    metrics.callEnded('allowed', null);
    metrics.callEnded('denied', 'rule_denied');
    metrics.callEnded('denied', 'default_deny');
    metrics.callEnded('denied', 'rule_denied');
    const text = await registry.metrics();
    expect(text).toContain('sallyport_calls_total{outcome="allowed"} 1\n');
    expect(text).toContain('sallyport_calls_total{outcome="denied"} 3\n');
    expect(text).toContain('sallyport_denials_total{reason="rule_denied"} 2\n');
    expect(text).toContain('sallyport_denials_total{reason="default_deny"} 1\n');
    expect([...text.matchAll(/^sallyport_denials_total\{/gm)]).toHaveLength(REASON_CODES.length);
  });

  it('say how full the journal is, and what it had no room for', async () => {
    const registry = new Registry();
    const metrics = new GatewayMetrics(registry, STILL);
    metrics.callEnded('allowed', null);
    const text = await registry.metrics();
    expect(text).toContain('sallyport_journal_full_ratio 0.25\n');
    expect(text).toContain('sallyport_journal_refusals 2\n');
    expect(text).toContain('sallyport_notes_dropped 3\n');
  });

  it('say how much of the journal nobody else has, and since when', async () => {
    const [behind, shipped] = [new Registry(), new Registry()];
    expect(new GatewayMetrics(behind, STILL)).toBeDefined();
    expect(new GatewayMetrics(shipped, { ...STILL, journal: () => ({ ...STILL.journal(), unshippedRecords: 0, oldestUnshippedAtMs: null }) })).toBeDefined();
    expect(await behind.metrics()).toContain('sallyport_journal_unshipped_records 7\n');
    expect(await behind.metrics()).toContain('sallyport_journal_oldest_unshipped_timestamp_seconds 1763715600.5\n');
    expect(await shipped.metrics()).toContain('sallyport_journal_oldest_unshipped_timestamp_seconds 0\n');
  });

  it('tell how late the beat of every half second came, and never less than nothing', async () => {
    const registry = new Registry();
    const metrics = new GatewayMetrics(registry, STILL);
    metrics.beatCame(-1);
    metrics.beatCame(200);
    const text = await registry.metrics();
    expect(text).toContain('sallyport_beat_delay_seconds_bucket{le="0.0005"} 1\n');
    expect(text).toContain('sallyport_beat_delay_seconds_sum 0.2\n');
    expect(text).toContain('sallyport_beat_delay_seconds_count 2\n');
  });
});
