import type { Delivery, GuardedNetwork, OutgoingBatch, OutgoingEvent, Sink } from '@sallyport/sinks';

import { KafkaClient, type KafkaClientOptions, type KafkaRecord } from './kafka-client.js';
import { kafkaFailure } from './kafka-failure.js';

/** How an event's value is written. */
export type RenderValue = (event: OutgoingEvent) => string;

/** Publishes each event as one record: key the stream, so that a stream stays in one partition and in order. */
export class KafkaSink implements Sink {
  private client: KafkaClient | null = null;
  private closed = false;

  constructor(
    private readonly options: KafkaClientOptions,
    private readonly network: GuardedNetwork,
    private readonly render: RenderValue,
  ) {}

  async deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    if (this.closed || signal.aborted) return this.closed ? { kind: 'unavailable', reason: 'the sink was closed' } : OUT_OF_TIME;
    const client = (this.client ??= new KafkaClient(this.options, this.network));
    let abort = (): void => undefined;
    const aborted = new Promise<Delivery>((resolve) => {
      abort = () => resolve(OUT_OF_TIME);
    });
    signal.addEventListener('abort', abort, { once: true });
    const delivery = await Promise.race([this.send(client, batch), aborted]);
    signal.removeEventListener('abort', abort);
    if (delivery.kind !== 'delivered') this.drop(client);
    return delivery;
  }

  size(event: OutgoingEvent): number {
    return Buffer.byteLength(this.render(event));
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.client !== null) this.drop(this.client);
  }

  private async send(client: KafkaClient, { events, replay }: OutgoingBatch): Promise<Delivery> {
    try {
      await client.send(events.map((event) => this.record(event, replay)));
      return { kind: 'delivered' };
    } catch (error) {
      return kafkaFailure(error, client.refusal);
    }
  }

  private record(event: OutgoingEvent, replay: boolean): KafkaRecord {
    const { stream, eventId, seq, type } = event.stored;
    const headers = { event_id: eventId, seq: String(seq), type, ...(replay ? { replay: 'true' } : {}) };
    return { key: stream, value: Buffer.from(this.render(event)), headers };
  }

  private drop(client: KafkaClient): void {
    client.end();
    if (this.client === client) this.client = null;
  }
}

const OUT_OF_TIME: Delivery = { kind: 'unavailable', reason: 'there was no time left' };
