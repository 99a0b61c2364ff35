import { isolateTable } from '@sallyport/event-log-postgres';
import { Inject, Injectable } from '@nestjs/common';
import type { EpochMs } from '@sallyport/kernel';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { AUDIT_ROLE, letAuditSee } from './audit-role.js';

/** PostgreSQL's advisory lock of those who make or drop partitions: arbitrary, but the same in every process of a deployment. */
const PARTITION_LOCK = 7_400_004;
/** A month's partition is made this long before the month begins. */
const AHEAD_MS = 7 * 86_400_000;
const DROP_WAIT_MS = 2_000;

/**
 * Makes the partitions of `audit_events`, one a month, named `audit_events_2026_11`. They are made ahead, and by the first event of a
 * month otherwise, as the login that owns the tables: the serving role cannot.
 */
@Injectable()
export class AuditPartitions {
  private readonly made = new Set<string>();

  constructor(@Inject(PART.dataSource) private readonly dataSource: DataSource) {}

  /** Sees to it that an event taken in at `at` has a place. One look into memory where it has one already. */
  async ensure(at: EpochMs): Promise<void> {
    for (const month of [monthOf(at), monthOf(at + AHEAD_MS)]) if (!this.made.has(month.table)) await this.make(month);
  }

  /**
   * Drops the partitions of months that are over and that nobody needs.
   *
   * @param isNotNeeded Asked as the audit role, while no other process makes or drops partitions.
   */
  async dropPast(now: EpochMs, isNotNeeded: (manager: EntityManager, table: string) => Promise<boolean>): Promise<void> {
    const newest = monthOf(now).table;
    await this.dataSource.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
      const rows = await manager.query<{ table: string }[]>("SELECT inhrelid::regclass::text AS table FROM pg_inherits WHERE inhparent = 'audit_events'::regclass ORDER BY 1");
      for (const { table } of rows.filter((row) => row.table < newest)) {
        await manager.query(`SET LOCAL ROLE ${AUDIT_ROLE}`);
        const isPast = await isNotNeeded(manager, table);
        await manager.query('RESET ROLE');
        // Readers of other months wait for this lock: it is taken at once or not at all.
        if (isPast) await manager.query(`SET LOCAL lock_timeout = ${DROP_WAIT_MS}`);
        if (isPast) await manager.query(`DROP TABLE ${table}`);
      }
    });
    this.made.clear();
  }

  private async make(month: Month): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
      if (!(await exists(manager, month.table))) for (const statement of partitionStatements(month)) await manager.query(statement);
    });
    this.made.add(month.table);
  }
}

/** A month in UTC, as texts that go into statements as they are. */
export interface Month {
  readonly table: string;
  readonly from: string;
  readonly to: string;
}

/** The month of an instant. */
export function monthOf(at: number): Month {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const text = (index: number): string => new Date(Date.UTC(year, index, 1)).toISOString();
  return { table: `audit_events_${text(month).slice(0, 7).replace('-', '_')}`, from: text(month), to: text(month + 1) };
}

async function exists(manager: EntityManager, table: string): Promise<boolean> {
  const [row] = await manager.query<{ known: string | null }[]>('SELECT to_regclass($1)::text AS known', [table]);
  return row?.known !== null;
}

/** Made apart and attached: that holds up neither readers nor writers of the other months. */
function partitionStatements({ table, from, to }: Month): readonly string[] {
  return [
    `CREATE TABLE ${table} (LIKE audit_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`,
    ...isolateTable(table, ['SELECT', 'INSERT']),
    ...letAuditSee(table, ['SELECT', 'DELETE']),
    `ALTER TABLE audit_events ATTACH PARTITION ${table} FOR VALUES FROM ('${from}') TO ('${to}')`,
  ];
}
