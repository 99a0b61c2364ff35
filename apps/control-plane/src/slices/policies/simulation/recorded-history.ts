import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@sallyport/kernel';

import { EventHistory } from '../../../platform/event-history.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { PART } from '../../../platform/parts.js';
import type { OpenKept } from '../../decisions/read/kept-arguments.js';
import { PastFacts } from './past-facts.js';
import { ReplayedValues, type Replaying } from './replayed-values.js';

/** What is known beside the decisions themselves: what held at each revision, and how to open kept arguments, where the caller may. */
export interface KnownHistory {
  readonly facts: PastFacts;
  readonly openKept: OpenKept;
}

/** Reads what recorded calls have to be replayed with. */
@Injectable()
export class RecordedHistory {
  constructor(
    @Inject(EventHistory) private readonly history: EventHistory,
    @Inject(ReplayedValues) private readonly values: ReplayedValues,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** What is known up to now of the organisation that a caller acts in. */
  async known(caller: Caller, replaying: Replaying): Promise<KnownHistory> {
    const facts = new PastFacts();
    for await (const event of this.history.until(caller.organisationId, { at: this.clock.now() })) facts.apply(event);
    return { facts, openKept: await this.values.opener(caller, replaying) };
  }
}
