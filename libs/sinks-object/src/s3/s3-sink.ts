import { ok, refuse, type Result } from '@sallyport/kernel';
import type { Delivery, NetworkRefusal, OutgoingBatch, OutgoingEvent, OwnershipProblem, Sink, SinkTools } from '@sallyport/sinks';

import { parquetRow } from '../parquet/parquet-row.js';
import { exportPair, type ExportObject, type ObjectForm } from './export-object.js';
import { hourRuns } from './hour-runs.js';
import { NoConnection, S3Client, type S3ClientOptions } from './s3-client.js';
import { s3Refusal } from './s3-refusal.js';

/** Until when stored objects may not be changed; null: the bucket's own rule. */
export interface ObjectLock {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  readonly days: number;
}

/** What an S3 sink is opened with. */
export interface S3SinkOptions extends S3ClientOptions {
  readonly form: ObjectForm;
  readonly lock: ObjectLock | null;
}

/**
 * Stores each hour of a batch as one object, and beside it a manifest, in this order: where there is a manifest, the object is whole.
 * Key and bytes come of the events alone, so the same batch again overwrites itself with itself.
 */
export class S3Sink implements Sink {
  private readonly client: S3Client;

  constructor(
    private readonly options: S3SinkOptions,
    private readonly tools: Pick<SinkTools, 'network' | 'clock' | 'organisationId'>,
  ) {
    this.client = new S3Client(options, tools);
  }

  async deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    for (const run of hourRuns(batch.events)) {
      const { events, manifest } = exportPair(run, this.options.form, batch.checkpoint);
      const stored = (await this.store(events, signal)) ?? (await this.store(manifest, signal));
      if (stored !== null) return stored;
    }
    return { kind: 'delivered' };
  }

  size(event: OutgoingEvent): number {
    return Buffer.byteLength(this.options.form.render(event)) + 1;
  }

  preview(event: OutgoingEvent): string {
    return this.options.form.format === 'parquet' ? JSON.stringify(parquetRow(event)) : this.options.form.render(event);
  }

  /** Writes the token into an object and reads it back. */
  async prove(token: string, signal: AbortSignal): Promise<Result<void, OwnershipProblem>> {
    const key = `${this.options.form.prefix}${this.tools.organisationId}/ownership.txt`;
    const refused = await this.store({ key, body: Buffer.from(token), contentType: 'text/plain' }, signal, {});
    if (refused !== null) return refuse(problemOf(refused));
    try {
      const answer = await this.client.get(key, signal);
      if (answer.status === 200 && answer.body.toString() === token) return ok(undefined);
      const other = answer.status === 200 ? null : s3Refusal(answer, this.tools.clock.now());
      return refuse(other === null ? { reason: 'the object that was read back is not what was written', advice: 'Look whether the endpoint serves what it stores.' } : problemOf(other));
    } catch (error) {
      return refuse(problemOf(failure(error, signal)));
    }
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  /** Null once it is stored. */
  private async store(object: ExportObject, signal: AbortSignal, headers = this.lockHeaders()): Promise<Delivery | null> {
    try {
      const answer = await this.client.put(object, headers, signal);
      return answer.status === 200 || answer.status === 204 ? null : s3Refusal(answer, this.tools.clock.now());
    } catch (error) {
      return failure(error, signal);
    }
  }

  private lockHeaders(): Readonly<Record<string, string>> {
    const { lock } = this.options;
    if (lock === null) return {};
    const until = new Date(this.tools.clock.now() + lock.days * DAY_MS).toISOString();
    return { 'x-amz-object-lock-mode': lock.mode, 'x-amz-object-lock-retain-until-date': until };
  }
}

function failure(error: unknown, signal: AbortSignal): Delivery {
  if (signal.aborted) return { kind: 'unavailable', reason: 'there was no time left' };
  return error instanceof NoConnection ? withoutConnection(error.refusal) : { kind: 'unavailable', reason: 'the connection to the object store broke' };
}

/** A certificate is waited for: whoever renews it need not tell us. */
function withoutConnection({ kind, message }: NetworkRefusal): Delivery {
  if (kind !== 'refused') return { kind: 'unavailable', reason: message };
  return { kind: 'paused', cause: 'config', reason: message, advice: 'Change the endpoint, or have the operator open its network in sallyport.yaml, and resume.' };
}

function problemOf(delivery: Delivery): OwnershipProblem {
  if (delivery.kind === 'paused') return { reason: delivery.reason, advice: delivery.advice };
  const reason = delivery.kind === 'delivered' ? '' : (delivery.reason ?? '');
  return { reason, advice: 'Try again when the object store answers.' };
}

const DAY_MS = 86_400_000;
