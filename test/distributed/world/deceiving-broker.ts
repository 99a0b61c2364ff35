import { ChunkAssembler, TOPIC, type BrokerRecord, type Following, type Publication } from '@sallyport/broker';
import { decodeSignedRecord, decodeStreamBody, type StreamBody } from '@sallyport/wire';

import { WireAccess } from './wire-access.js';

/** What is done with a record of the stream: passed on some number of times (0: never), or kept until it is let go. */
export type Treatment = number | 'kept';

/**
 * A broker in the hands of somebody else: copies what a deployment publishes to topics under another prefix, where a worker takes
 * them for the deployment's own, and what that worker says back to where the control plane hears it. It has no key, so all that it
 * can do is to leave out, hold back, repeat and change the order.
 */
export class DeceivingBroker {
  private treat: (body: StreamBody) => Treatment = () => 1;
  private readonly kept: Publication[] = [];
  private readonly readers: Following[] = [];
  private written: Promise<void> = Promise.resolve();

  private constructor(
    private readonly real: WireAccess,
    private readonly its: WireAccess,
    readonly topicPrefix: string,
  ) {}

  /** Begins to copy, truly as yet. */
  static async start(brokers: string, topicPrefix: string): Promise<DeceivingBroker> {
    const broker = new DeceivingBroker(new WireAccess(brokers), new WireAccess(brokers, topicPrefix), topicPrefix);
    await broker.its.makeTopics();
    for (const topic of [TOPIC.snapshots, TOPIC.events]) await broker.copySigned(topic).caughtUp();
    broker.copy(TOPIC.status, broker.its, broker.real);
    return broker;
  }

  /** From now on treats what is published on `cp.events` so. */
  doWith(treat: (body: StreamBody) => Treatment): void {
    this.treat = treat;
  }

  /** How many records are kept back. */
  get keptCount(): number {
    return this.kept.length;
  }

  /** Lets go what was kept, in an order of the caller's; after that everything is passed on as it comes. */
  async letGo(order: (kept: readonly Publication[]) => readonly Publication[] = (kept) => kept): Promise<void> {
    this.treat = () => 1;
    const records = order(this.kept.splice(0));
    this.pass(this.its, records);
    await this.written;
  }

  async close(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.close()));
    await this.written.catch(() => undefined);
    await Promise.all([this.real.close(), this.its.close()]);
  }

  private copySigned(topic: string): Following {
    const assembler = new ChunkAssembler();
    return this.keepReader(
      this.real.follow(topic, (records) => {
        for (const record of records) this.take(record, assembler);
      }),
    );
  }

  /** A record of several chunks is treated by what it says once it is whole; the chunks before are passed on, and mean nothing alone. */
  private take(record: BrokerRecord, assembler: ChunkAssembler): void {
    const whole = assembler.accept(record);
    const value = whole?.value ?? null;
    const treatment = value === null || record.topic !== TOPIC.events ? 1 : this.treat(decodeStreamBody(decodeSignedRecord(value).body));
    if (treatment === 'kept') this.kept.push(publicationOf(record));
    else this.pass(this.its, Array.from({ length: treatment }, () => publicationOf(record)));
  }

  private copy(topic: string, from: WireAccess, to: WireAccess): void {
    this.keepReader(from.follow(topic, (records) => this.pass(to, records.map(publicationOf))));
  }

  private pass(to: WireAccess, records: readonly Publication[]): void {
    if (records.length === 0) return;
    this.written = this.written.then(() => to.write(...records));
    this.written.catch(() => undefined); // told by whoever waits for it
  }

  private keepReader(reader: Following): Following {
    this.readers.push(reader);
    return reader;
  }
}

/** The record as it can be published again. */
export function publicationOf({ topic, key, value }: Pick<BrokerRecord, 'topic' | 'key' | 'value'>): Publication {
  return { topic, key: key ?? '', value };
}
