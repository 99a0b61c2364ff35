import 'reflect-metadata';

import { PostgresEventLog } from '@sallyport/event-log-postgres';
import { branded, type EpochMs, type OrganisationId } from '@sallyport/kernel';
import { AesSecretBox, RootKey } from '@sallyport/secrets-aes';
import { openAuditKeys } from '@sallyport/signatures-ed25519';
import { DataSource, type Logger } from 'typeorm';

import { ControlPlaneMetrics } from '../platform/telemetry/control-plane-metrics.js';
import { HandOverValues } from '../slices/audit/erasure/hand-over-values.js';
import { RecordTrail } from '../slices/audit/erasure/record-trail.js';
import { AuditHub } from '../slices/audit/store/audit-hub.js';
import { AuditPartitions } from '../slices/audit/store/audit-partitions.js';
import { AuditTrail } from '../slices/audit/store/audit-trail.js';
import { Sequencer } from '../slices/audit/store/sequencer.js';
import { DecisionStore } from '../slices/decisions/store/decision-store.js';
import { DecisionHub } from '../slices/decisions/stream/decision-hub.js';
import { auditBatches } from './audit-batches.js';

/**
 * A process that stores a test's batches, for being killed: prints a line before each statement that it asks the database for, and `done` at
 * the end. Arguments: database, organisation, data folder.
 */
const [databaseUrl = '', organisationId = '', dataFolder = ''] = process.argv.slice(2);
const quiet = (): void => undefined;
const logger: Logger = {
  logQuery: () => void process.stdout.write('statement\n'),
  logQueryError: quiet,
  logQuerySlow: quiet,
  logSchemaBuild: quiet,
  logMigration: quiet,
  log: quiet,
};
const dataSource = await new DataSource({ type: 'postgres', url: databaseUrl, installExtensions: false, logging: ['query'], logger }).initialize();
const clock = { now: () => branded<EpochMs>(Date.parse('2026-11-21T09:30:00.000Z')), monotonicMs: () => 0 };
const box = new AesSecretBox(RootKey.parse('ab'.repeat(32)));
const metrics = new ControlPlaneMetrics();
const sequencer = new Sequencer(new AuditPartitions(dataSource), openAuditKeys(dataFolder), clock, metrics);
const trail = new AuditTrail(dataSource, sequencer, new AuditHub());
const store = new DecisionStore(dataSource, new PostgresEventLog(dataSource), new DecisionHub(), new RecordTrail(trail, new HandOverValues(box, clock)), metrics);
for (const batch of auditBatches(branded<OrganisationId>(organisationId))) await store.publish(batch);
process.stdout.write('done\n');
await dataSource.destroy();
