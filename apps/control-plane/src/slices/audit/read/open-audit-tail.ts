import { Inject, Injectable } from '@nestjs/common';
import type { OrganisationId, Scheduler } from '@sallyport/kernel';

import type { RequestContext } from '../../../platform/graphql/request-context.js';
import { StreamSlots } from '../../../platform/graphql/stream-slots.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { readHead } from '../store/audit-head.js';
import { AuditHub } from '../store/audit-hub.js';
import { AuditTail } from './audit-tail.js';
import type { AuditEventFilter } from './event-filter.js';
import { eventsAfter } from './event-queries.js';
import { eventToGraphql } from './event-row.js';

/** How long what another process stored goes unnoticed at most, milliseconds. */
const LOOK_AGAIN_MS = 1_000;
const PAGE_EVENTS = 200;

/** What to follow. */
export interface TailRequest {
  readonly organisationId: OrganisationId;
  readonly filter: AuditEventFilter;
  readonly after: number | null;
  /** Whether the stream is the deployment's own, which only operators follow. */
  readonly ofDeployment: boolean;
}

/** Opens subscriptions to audit events. */
@Injectable()
export class OpenAuditTail {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(AuditHub) private readonly hub: AuditHub,
    @Inject(StreamSlots) private readonly slots: StreamSlots,
    @Inject(PART.scheduler) private readonly scheduler: Scheduler,
  ) {}

  /** @throws {GraphQLError} `too_many_streams` beyond `GRAPHQL_LIMITS.streamsPerToken`. */
  run(context: RequestContext, { organisationId, filter, after, ofDeployment }: TailRequest): AuditTail {
    const slot = this.slots.take(context, ofDeployment ? 'operator' : 'auditor');
    return new AuditTail({
      filter,
      begin: async () => after ?? (await this.reader.read(organisationId, (manager) => readHead(manager, organisationId)))?.size ?? 0,
      read: async (from) => {
        const place = { after: from, upTo: Number.MAX_SAFE_INTEGER, limit: PAGE_EVENTS };
        return (await this.reader.read(organisationId, (manager) => eventsAfter(manager, organisationId, place))).map(eventToGraphql);
      },
      listen: (onMore) => this.listen(organisationId, onMore),
      stillAllowed: slot.stillAllowed,
      onEnd: slot.leave,
    });
  }

  private listen(organisationId: OrganisationId, onMore: () => void): () => void {
    const stopListening = this.hub.listen((grown) => {
      if (grown === organisationId) onMore();
    });
    let callOff = (): void => undefined;
    const again = (): void => {
      callOff = this.scheduler.after(LOOK_AGAIN_MS, () => {
        onMore();
        again();
      });
    };
    again();
    return () => {
      stopListening();
      callOff();
    };
  }
}
