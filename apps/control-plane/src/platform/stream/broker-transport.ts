import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type { Broker, BrokerRecord, Consuming } from '@sallyport/broker';
import type { Fault } from '@sallyport/kernel';
import { isObservable, lastValueFrom } from 'rxjs';

/** What a transport is made of. */
export interface BrokerTransportParts {
  readonly broker: Broker;
  /** The group that all control planes of the deployment consume as. */
  readonly group: string;
  /** Told of batches that failed and come again, and of a broker that is away. */
  readonly onFault: (fault: Fault) => void;
}

/**
 * Nest's transport for topics of the broker: a handler of `@EventPattern(<topic>)` is given whole batches, as they were
 * published, byte for byte. A batch is committed when its handler has finished; one that failed comes again. Topics without a
 * handler are not consumed, so nothing is ever committed that nobody has handled.
 */
export class BrokerTransport extends Server implements CustomTransportStrategy {
  private consuming: readonly Consuming[] = [];

  constructor(private readonly parts: BrokerTransportParts) {
    super();
  }

  listen(callback: () => void): void {
    this.consuming = [...this.messageHandlers].map(([topic, handler]) =>
      this.parts.broker.consume(topic, { group: this.parts.group, onBatch: (records) => handOver(handler, records), onFault: this.parts.onFault }),
    );
    callback();
  }

  /** Ends it after the batches in hand. */
  async close(): Promise<void> {
    await Promise.all(this.consuming.map((consuming) => consuming.close()));
  }

  on(): never {
    throw new Error('this transport has no events of its own');
  }

  unwrap<Underlying>(): Underlying {
    return this.parts.broker as unknown as Underlying;
  }
}

/** Nest answers with a stream, and puts a handler's failure into it; who does not wait for it commits what was not done. */
async function handOver(handler: MessageHandler, records: readonly BrokerRecord[]): Promise<void> {
  const answer: unknown = await handler(records);
  if (isObservable(answer)) await lastValueFrom(answer, { defaultValue: undefined });
}
