import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The control plane's figures. Labels are few and fixed: no ids, no names. */
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

  /** Subscriptions open now. */
  readonly streams = new Gauge({ name: 'sallyport_decision_streams', help: 'Open subscriptions to decisions.', registers: [this.registry] });
}
