import { Inject, Injectable } from '@nestjs/common';
import type { Clock, OrganisationId } from '@sallyport/kernel';

import { EventHistory } from '../../../platform/event-history.js';
import { PART } from '../../../platform/parts.js';
import { KeptArguments, type OpenKept } from '../../decisions/read/kept-arguments.js';
import { PastFacts } from './past-facts.js';

/** What is known beside the decisions themselves: what held at each revision, and how to open kept arguments. */
export interface KnownHistory {
  readonly facts: PastFacts;
  readonly openKept: OpenKept;
}

/** Reads what recorded calls have to be replayed with. */
@Injectable()
export class RecordedHistory {
  constructor(
    @Inject(EventHistory) private readonly history: EventHistory,
    @Inject(KeptArguments) private readonly kept: KeptArguments,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** What is known of an organisation up to now. */
  async known(organisationId: OrganisationId): Promise<KnownHistory> {
    const facts = new PastFacts();
    for await (const event of this.history.until(organisationId, { at: this.clock.now() })) facts.apply(event);
    return { facts, openKept: await this.kept.opener(organisationId) };
  }
}
