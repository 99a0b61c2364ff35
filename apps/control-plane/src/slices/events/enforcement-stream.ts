import { Inject, Injectable } from '@nestjs/common';
import type { Revision, Scheduler } from '@sallyport/kernel';
import type { GraphQLError } from 'graphql';

import { ChangeProgress, type Progress } from '../../platform/commands/change-progress.js';
import type { RequestContext } from '../../platform/graphql/request-context.js';
import { StreamSlots } from '../../platform/graphql/stream-slots.js';
import { PART } from '../../platform/parts.js';

/** How soon a worker's silence shows, where nobody says anything, milliseconds. */
const LOOK_MS = 1_000;

/** One delivery; an error in the place of the progress is the stream's last word. */
export interface EnforcementDelivery {
  readonly enforcement: Progress | GraphQLError;
}

/** Opens subscriptions to how far a revision came: one delivery for each step, the last when it is enforced. */
@Injectable()
export class EnforcementStream {
  constructor(
    @Inject(ChangeProgress) private readonly progress: ChangeProgress,
    @Inject(StreamSlots) private readonly slots: StreamSlots,
    @Inject(PART.scheduler) private readonly scheduler: Scheduler,
  ) {}

  /** @throws {GraphQLError} `too_many_streams` beyond `GRAPHQL_LIMITS.streamsPerToken`. */
  async *run(context: RequestContext, revision: Revision): AsyncGenerator<EnforcementDelivery, undefined> {
    const slot = this.slots.take(context);
    try {
      for (let told = ''; ; ) {
        const progress = await this.progress.of(slot.caller.organisationId, revision, { waitFor: 'COMMITTED', timeoutMs: 0 });
        const step = stepOf(progress);
        if (step !== told) {
          const refused = await slot.stillAllowed();
          yield { enforcement: refused ?? progress };
          if (refused !== undefined) return;
        }
        if (progress.reached) return;
        told = step;
        await this.news();
      }
    } finally {
      slot.leave();
    }
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        callOff();
        stop();
        resolve();
      };
      const stop = this.progress.onChange(finish);
      const callOff = this.scheduler.after(LOOK_MS, finish);
    });
  }
}

/** What has to differ for a delivery: a stamp's age always does. */
function stepOf({ reached, outstanding, workers }: Progress): string {
  return JSON.stringify([reached, outstanding, workers.map(({ workerId, state, appliedRevision, nack }) => [workerId, state, appliedRevision, nack])]);
}
