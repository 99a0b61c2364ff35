import { Inject, Injectable } from '@nestjs/common';
import type { EventLog } from '@sallyport/event-log';
import type { OrganisationId, Revision, SinkId } from '@sallyport/kernel';
import { readSinkHealth } from '@sallyport/sinks';
import { MoreThan, type EntityManager } from 'typeorm';

import { connectionOf, pageSize, type Connection } from '../../../platform/graphql/page.js';
import { PART } from '../../../platform/parts.js';
import { readNameCursor, ReadPoints, type PageArgs, type ReadPoint } from '../../past/read-point.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import { selectProgress } from '../delivery/delivery-rows.js';
import { PostgresDeliveryStore } from '../delivery/postgres-delivery-store.js';
import { PostgresEventSource } from '../delivery/postgres-event-source.js';
import { SinkPlans } from '../sink-plans.js';
import { sinkToGraphql } from '../sink-to-graphql.js';
import { findSink } from './find-sink.js';
import { SinkRow } from './sink-row.entity.js';

/** GraphQL's `Sink`. */
export type SinkNode = ReturnType<typeof sinkToGraphql>;

/** Look-ups of sinks, as they are now. */
@Injectable()
export class SinkQueries {
  constructor(
    @Inject(ReadPoints) private readonly points: ReadPoints,
    @Inject(PART.eventLog) private readonly log: EventLog,
    @Inject(SinkPlans) private readonly plans: SinkPlans,
    @Inject(PostgresDeliveryStore) private readonly store: PostgresDeliveryStore,
    @Inject(PostgresEventSource) private readonly source: PostgresEventSource,
  ) {}

  /** Sinks by name. */
  async list(organisationId: OrganisationId, page: PageArgs): Promise<Connection<SinkNode>> {
    const first = pageSize(page.first);
    const after = readNameCursor(page.after);
    const point = await this.points.at(organisationId, null);
    return point.read(async (rows) => {
      const where = { organisationId, ...(after !== undefined && { name: MoreThan(after) }) };
      const found = await rows.find(SinkRow, { where, order: { name: 'ASC' }, take: first + 1 });
      const nodes = new Map<SinkRow, SinkNode>();
      for (const row of found) nodes.set(row, await this.shown(rows, row, point));
      return connectionOf(found.flatMap((row) => nodes.get(row) ?? []), first, { place: (node) => [node.name], node: (node) => node });
    });
  }

  /** One sink, by id or name. */
  async find(organisationId: OrganisationId, named: string): Promise<SinkNode | null> {
    const point = await this.points.at(organisationId, null);
    return point.read(async (rows) => {
      const row = await findSink(rows, organisationId, named);
      return row === null ? null : this.shown(rows, row, point);
    });
  }

  /** A sink that is known to be there. */
  async present(organisationId: OrganisationId, sinkId: SinkId): Promise<SinkNode> {
    const point = await this.points.at(organisationId, null);
    return point.read(async (rows) => this.shown(rows, await rows.findOneByOrFail(SinkRow, { organisationId, sinkId }), point));
  }

  /** The organisation's newest revision. */
  head(organisationId: OrganisationId): Promise<Revision> {
    return this.log.head(organisationId);
  }

  private async shown(rows: EntityManager, row: SinkRow, point: ReadPoint): Promise<SinkNode> {
    const plan = this.plans.of(row, await rows.findOneByOrFail(OrganisationRow, { organisationId: row.organisationId }));
    const from = { store: this.store, source: this.source, nowMs: point.atMs };
    const health = () => (plan.ok ? readSinkHealth(plan.value, from) : Promise.resolve(null));
    return sinkToGraphql(row, { point, plan, progress: await selectProgress(rows, row), health });
  }
}
