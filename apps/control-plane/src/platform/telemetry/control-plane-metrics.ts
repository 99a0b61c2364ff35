import { Injectable } from '@nestjs/common';
import { TOPIC } from '@sallyport/broker';
import { RECORD_REFUSALS, type RecordRefusal } from '@sallyport/event-stream';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

import { SinkMetrics } from './sink-metrics.js';

/** The control plane's figures. Labels are few and fixed: no ids, no names, but of sinks. */
@Injectable()
export class ControlPlaneMetrics {
  /** For `/metrics`. */
  readonly registry = new Registry();

  /** Commands by mutation and result: `committed` or `refused`. */
  readonly commands = new Counter({
    name: 'sallyport_commands_total',
    help: 'Commands carried out or refused, by mutation.',
    labelNames: ['command', 'result'],
    registers: [this.registry],
  });

  /** Seconds from a command's start to its commit. */
  readonly commandSeconds = new Histogram({
    name: 'sallyport_command_seconds',
    help: 'Seconds from the start of a command to its commit.',
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [this.registry],
  });

  /** Audit records stored for search. */
  readonly recordsStored = new Counter({
    name: 'sallyport_audit_records_stored_total',
    help: 'Audit records stored for search, repeated ones included.',
    registers: [this.registry],
  });

  /** Audit records that could not be read or stored, and were set aside. */
  readonly recordsRejected = new Counter({
    name: 'sallyport_audit_records_rejected_total',
    help: 'Audit records that could not be read or stored and went to the dead-letter topic.',
    registers: [this.registry],
  });

  /** Records that stood on a topic of workers and were written by none of this deployment's. */
  readonly workerRecordsRefused = new Counter({
    name: 'sallyport_worker_records_refused_total',
    help: 'Records on topics of workers that no worker of this deployment wrote, by topic and by what was wrong.',
    labelNames: ['topic', 'reason'],
    registers: [this.registry],
  });

  /** Audit records that are missing although later ones of the same start of a worker are stored. */
  readonly recordsMissing = new Gauge({
    name: 'sallyport_audit_records_missing',
    help: 'Audit records missing below the newest stored one of their worker’s start.',
    registers: [this.registry],
  });

  /** Audit events that were given their place in a stream. */
  readonly eventsSequenced = new Counter({ name: 'sallyport_audit_events_sequenced_total', help: 'Audit events given their place in a stream.', registers: [this.registry] });

  /** From when something happened to when its event was given its place, of the first in the newest batch. */
  readonly sequencerLag = new Gauge({ name: 'sallyport_audit_sequencer_lag_seconds', help: 'Seconds from what happened to its place in the stream, of the first in the newest batch.', registers: [this.registry] });

  /** Set by the process that signs. A time rather than an age, which would stand still with a process whose signing does. */
  readonly oldestCheckpoint = new Gauge({ name: 'sallyport_audit_checkpoint_timestamp_seconds', help: 'Unix time at which the stream whose checkpoint is the oldest was signed, 0 before the first; set by the process that signs.', registers: [this.registry] });

  /** Streams whose head will not be signed until an operator acknowledges why. */
  readonly auditAlarms = new Gauge({ name: 'sallyport_audit_alarms', help: 'Streams whose head contradicts what was signed before; set by the process that signs.', registers: [this.registry] });

  /** Whether this process signs audit streams: 1 or 0. */
  readonly signerLeads = new Gauge({ name: 'sallyport_audit_signer_leads', help: 'Whether this process signs the heads of audit streams.', registers: [this.registry] });

  /** Workers that report and have not stopped; set where workers are processes of their own. */
  readonly liveWorkers = new Gauge({ name: 'sallyport_live_workers', help: 'Workers that reported within the last seconds.', registers: [this.registry] });

  /** Whether this process publishes changes: 1 or 0. */
  readonly relayLeads = new Gauge({ name: 'sallyport_relay_leads', help: 'Whether this process publishes changes to the workers.', registers: [this.registry] });

  /** How the sinks of all organisations stand. */
  readonly sinks = new SinkMetrics(this.registry);

  /** Subscriptions to decisions open now. */
  readonly streams = new Gauge({ name: 'sallyport_decision_streams', help: 'Open subscriptions to decisions.', registers: [this.registry] });

  constructor() {
    for (const topic of [TOPIC.status, TOPIC.audit]) for (const reason of RECORD_REFUSALS) this.workerRecordsRefused.inc({ topic, reason }, 0);
  }

  /** Counts a record that no worker of this deployment wrote. */
  readonly workerRecordRefused = (topic: string, reason: RecordRefusal): void => this.workerRecordsRefused.inc({ topic, reason });
}
