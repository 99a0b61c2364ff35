import { Inject, Injectable } from '@nestjs/common';

import type { RequestContext } from '../../../platform/graphql/request-context.js';
import { StreamSlots } from '../../../platform/graphql/stream-slots.js';
import type { DecisionFilter } from '../read/decision-filter.js';
import { DecisionHub } from './decision-hub.js';
import { DecisionStream } from './decision-stream.js';

/** Opens subscriptions to decisions. */
@Injectable()
export class OpenDecisionStream {
  constructor(
    @Inject(DecisionHub) private readonly hub: DecisionHub,
    @Inject(StreamSlots) private readonly slots: StreamSlots,
  ) {}

  /** @throws {GraphQLError} `too_many_streams` beyond `GRAPHQL_LIMITS.streamsPerToken`. */
  run(context: RequestContext, filter: DecisionFilter): DecisionStream {
    const slot = this.slots.take(context);
    return new DecisionStream({
      filter,
      listen: (listener) => this.hub.listen(slot.caller.organisationId, listener),
      stillAllowed: slot.stillAllowed,
      onEnd: slot.leave,
    });
  }
}
