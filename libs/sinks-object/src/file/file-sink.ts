import type { Delivery, OutgoingBatch, OutgoingEvent, Sink, SinkTools } from '@sallyport/sinks';

import { fileFailure } from './file-failure.js';
import { LineFile, type LineFilePlace } from './line-file.js';

/** What a file sink is opened with. */
export interface FileSinkOptions {
  readonly directory: string;
  /** A file that has grown to this is followed by the next. */
  readonly maxBytes: number;
  readonly render: (event: OutgoingEvent) => string;
}

/** Appends batches to files of its own, one a day and more where they grow, in a folder of the organisation's. */
export class FileSink implements Sink {
  private file: { readonly day: string; readonly lines: LineFile } | null = null;
  private working: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly options: FileSinkOptions,
    private readonly tools: Pick<SinkTools, 'clock' | 'sinkId' | 'organisationId'>,
  ) {}

  /** One at a time: a file has one end. */
  async deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    const delivery = this.working.then(() => this.append(batch, signal));
    this.working = delivery;
    return delivery;
  }

  size(event: OutgoingEvent): number {
    return Buffer.byteLength(this.options.render(event)) + 1;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.working;
    await this.letGo();
  }

  private async append({ events }: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    if (this.closed) return { kind: 'unavailable', reason: 'the sink was closed' };
    if (signal.aborted) return { kind: 'unavailable', reason: 'there was no time left' };
    try {
      const file = await this.current();
      await file.append(Buffer.from(events.map((event) => `${this.options.render(event)}\n`).join('')));
      return { kind: 'delivered' };
    } catch (error) {
      await this.letGo();
      return fileFailure(error);
    }
  }

  private async current(): Promise<LineFile> {
    const day = new Date(this.tools.clock.now()).toISOString().slice(0, 10);
    if (this.file !== null && (this.file.day !== day || this.file.lines.size >= this.options.maxBytes)) await this.letGo();
    this.file ??= { day, lines: await LineFile.open(this.place(day), this.options.maxBytes) };
    return this.file.lines;
  }

  private place(day: string): LineFilePlace {
    return { directory: this.options.directory, folder: this.tools.organisationId, name: this.tools.sinkId, day };
  }

  private async letGo(): Promise<void> {
    const { file } = this;
    this.file = null;
    await file?.lines.close().catch(() => undefined); // what was delivered is on stable storage already
  }
}
