import { Inject, Injectable } from '@nestjs/common';
import type { EventLog } from '@sallyport/event-log';
import { enterOrganisation } from '@sallyport/event-log-postgres';
import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../parts.js';
import { holdOffCommands } from './rebuild-lock.js';
import type { Projector } from './projector.js';

const PAGE_EVENTS = 1_000;

/** What a rebuild did. */
export interface RebuildReport {
  readonly events: number;
  readonly tables: readonly string[];
}

/**
 * Empties every projection and fills it again from the events, in one transaction: readers see the old rows until it
 * commits, commands wait.
 */
@Injectable()
export class ProjectionRebuild {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(PART.eventLog) private readonly log: EventLog,
    @Inject(PART.projectors) private readonly projectors: readonly Projector[],
  ) {}

  /** Rebuilds the projections of every organisation. */
  async run(): Promise<RebuildReport> {
    const tables = this.projectors.flatMap((projector) => projector.tables);
    return this.dataSource.transaction(async (manager) => {
      await holdOffCommands(manager);
      let events = 0;
      for (const organisationId of (await this.log.heads()).keys()) {
        await enterOrganisation(manager, organisationId);
        for (const table of tables) await manager.query(`DELETE FROM ${table} WHERE organisation_id = $1`, [organisationId]);
        events += await this.replay(manager, organisationId);
      }
      return { events, tables };
    });
  }

  private async replay(manager: EntityManager, organisationId: OrganisationId): Promise<number> {
    let after = branded<Revision>(0);
    for (;;) {
      const page = await this.log.read(organisationId, after, PAGE_EVENTS);
      for (const event of page) for (const projector of this.projectors) await projector.apply(manager, event);
      const newest = page.at(-1);
      if (newest === undefined) return after;
      after = newest.revision;
    }
  }
}
