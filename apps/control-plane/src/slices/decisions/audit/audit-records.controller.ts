import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TOPIC, type BrokerRecord } from '@sallyport/broker';

import { AuditConsumer } from './audit-consumer.js';

/** The bus's side of the store of decisions. */
@Controller()
export class AuditRecordsController {
  constructor(@Inject(AuditConsumer) private readonly consumer: AuditConsumer) {}

  @EventPattern(TOPIC.audit)
  store(@Payload() batch: readonly BrokerRecord[]): Promise<void> {
    return this.consumer.take(batch);
  }
}
