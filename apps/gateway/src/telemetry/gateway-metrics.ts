import type { Disagreement, JournalCondition, Outcome, ReasonCode } from '@sallyport/audit';
import { DISAGREEMENTS, OUTCOMES, REASON_CODES } from '@sallyport/audit';
import { Counter, Gauge, Registry } from 'prom-client';

import type { CredentialRefusal } from '../pipeline/identify-credential.js';
import { DurationHistogram } from './duration-histogram.js';

/** What is read at the moment of a scrape. */
export interface GaugeSources {
  sessions(): number;
  callsInFlight(): number;
  /** Seconds; `NaN` before the first stamp. */
  stampAgeSeconds(): number;
  organisations(): number;
  refusedOrganisations(): number;
  eventsApplied(): number;
  journal(): JournalCondition;
}

const SECONDS_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/**
 * The gateway's figures. Labels are closed sets only: who called which tool is in the records. Calls count into plain
 * numbers; Prometheus' own objects are touched at a scrape.
 */
export class GatewayMetrics {
  private readonly outcomes = new Map<Outcome, number>(OUTCOMES.map((outcome) => [outcome, 0]));
  private readonly denials = new Map<ReasonCode, number>(REASON_CODES.map((code) => [code, 0]));
  private readonly refusals = new Map<CredentialRefusal, number>();
  private readonly disagreements = new Map<Disagreement, number>(DISAGREEMENTS.map((relation) => [relation, 0]));
  private readonly callSeconds: DurationHistogram;
  private readonly upstreamSeconds: DurationHistogram;
  private readonly beatDelaySeconds: DurationHistogram;

  constructor(registry: Registry, sources: GaugeSources) {
    const registers = [registry];
    const durations = (name: string, help: string): DurationHistogram => new DurationHistogram(registry, { name, help, bounds: SECONDS_BOUNDS });
    this.callSeconds = durations('sallyport_call_seconds', 'From the arrival of an admitted call to the last byte of its answer.');
    this.upstreamSeconds = durations('sallyport_upstream_seconds', 'The part of it spent waiting for the upstream.');
    this.beatDelaySeconds = durations('sallyport_beat_delay_seconds', 'How late the beat of every half second came: the delay of the event loop.');
    countersOf(registers, 'sallyport_calls_total', { help: 'Recorded calls by how they ended.', label: 'outcome' }, this.outcomes);
    countersOf(registers, 'sallyport_denials_total', { help: 'Recorded calls that were not forwarded, by their reason code.', label: 'reason' }, this.denials);
    countersOf(registers, 'sallyport_auth_failures_total', { help: 'Requests without a usable credential.', label: 'reason' }, this.refusals);
    countersOf(registers, 'sallyport_shadow_disagreements_total', { help: 'Calls that a policy version in shadow would have decided otherwise.', label: 'relation' }, this.disagreements);
    gaugesOf(registers, sources);
  }

  /** Counts a call that was refused, or admitted and ended. @param reason Why it was not forwarded; null for one that was. */
  callEnded(outcome: Outcome, reason: ReasonCode | null): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (reason !== null) this.denials.set(reason, (this.denials.get(reason) ?? 0) + 1);
  }

  /** Counts a call that a version in shadow would have decided otherwise. */
  shadowDisagreed(relation: Disagreement): void {
    this.disagreements.set(relation, (this.disagreements.get(relation) ?? 0) + 1);
  }

  /** Notes how long an admitted call took, microseconds. */
  callTook(durationUs: number, upstreamUs: number): void {
    this.callSeconds.took(durationUs);
    this.upstreamSeconds.took(upstreamUs);
  }

  /** Notes how late a beat came, milliseconds. */
  beatCame(lateMs: number): void {
    this.beatDelaySeconds.took(Math.max(0, lateMs) * 1e3);
  }

  /** Counts a request without a usable credential. */
  credentialRefused(reason: CredentialRefusal): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
  }
}

function countersOf(registers: Registry[], name: string, about: { readonly help: string; readonly label: string }, values: ReadonlyMap<string, number>): void {
  const counter: Counter = new Counter({
    name,
    help: about.help,
    labelNames: [about.label],
    registers,
    collect: () => {
      counter.reset();
      for (const [value, count] of values) counter.inc({ [about.label]: value }, count);
    },
  });
}

function gaugesOf(registers: Registry[], sources: GaugeSources): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) });
  };
  gauge('sallyport_sessions', 'Client sessions of the legacy protocol era.', () => sources.sessions());
  gauge('sallyport_calls_in_flight', 'Calls under way.', () => sources.callsInFlight());
  gauge('sallyport_stamp_age_seconds', 'Age of the newest stamp of the event log.', () => sources.stampAgeSeconds());
  gauge('sallyport_organisations', 'Organisations this worker knows.', () => sources.organisations());
  gauge('sallyport_organisations_refused', 'Organisations refused because of an event that cannot be applied.', () => sources.refusedOrganisations());
  gauge('sallyport_journal_full_ratio', 'What is taken of the room in which decisions are kept until they are stored.', () => sources.journal().fullShare);
  gauge('sallyport_journal_refusals', 'Decisions that the journal had no room for since the start; their calls were denied.', () => sources.journal().refusedDecisions);
  gauge('sallyport_notes_dropped', 'Notes beside decisions that the journal had no room for since the start.', () => sources.journal().droppedNotes);
  gauge('sallyport_journal_unshipped_records', 'Records of the journal that nobody else has yet.', () => sources.journal().unshippedRecords);
  gauge('sallyport_journal_oldest_unshipped_timestamp_seconds', 'When the oldest of them was made; 0 when there is none.', () => (sources.journal().oldestUnshippedAtMs ?? 0) / 1000);
  gauge('sallyport_events_applied', 'Sum of the revisions applied.', () => sources.eventsApplied());
}
