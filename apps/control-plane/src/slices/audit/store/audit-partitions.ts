import { isolateTable } from '@sallyport/event-log-postgres';
import { Inject, Injectable } from '@nestjs/common';
import type { EpochMs } from '@sallyport/kernel';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { letAuditSee } from './audit-role.js';

/** PostgreSQL's advisory lock of those who make or drop partitions: arbitrary, but the same in every process of a deployment. */
const PARTITION_LOCK = 7_400_004;
/** A month's partition is made this long before the month begins. */
const AHEAD_MS = 7 * 86_400_000;

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

  /** Forgets what was made, after partitions were dropped. */
  forget(): void {
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
