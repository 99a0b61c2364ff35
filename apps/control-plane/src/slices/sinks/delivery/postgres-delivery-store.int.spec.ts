import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { AuditFact } from '@sallyport/audit-event';
import { FakeClock } from '@sallyport/kernel/testing';
import { openAuditKeys } from '@sallyport/signatures-ed25519';
import { deliveryStoreContract } from '@sallyport/sinks/testing';
import { testDatabase } from '@sallyport/test-support';
import { v7 } from 'uuid';

import { appSlices } from '../../../app-slices.js';
import { openDataSource } from '../../../platform/persistence/data-source.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import { AuditHub } from '../../audit/store/audit-hub.js';
import { AuditPartitions } from '../../audit/store/audit-partitions.js';
import { Sequencer } from '../../audit/store/sequencer.js';
import { PostgresDeliveryStore } from './postgres-delivery-store.js';

const UNFIT: AuditFact = { event_id: v7(), time: 'never', type: 'export.gap', severity: 1 };

deliveryStoreContract('PostgresDeliveryStore', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-sinks-'));
  const database = await testDatabase();
  const dataSource = await openDataSource(database.url, appSlices);
  const sequencer = new Sequencer(new AuditPartitions(dataSource), openAuditKeys(folder), new FakeClock(), new ControlPlaneMetrics());
  return {
    store: new PostgresDeliveryStore(dataSource, sequencer, new AuditHub()),
    unfitFact: UNFIT,
    async newSink() {
      const sink = { organisationId: v7(), sinkId: v7() };
      await dataSource.query(
        `INSERT INTO sinks (organisation_id, sink_id, name, sink_type, settings, credential_names, credential_seals, filter, format, after_seq, created_at, revision)
         VALUES ($1, $2, 'siem', 'webhook', '{}', '[]', '[]', '{}', 'native', 0, now(), 1)`,
        [sink.organisationId, sink.sinkId],
      );
      return sink;
    },
    async facts({ organisationId }) {
      const rows = await dataSource.query<{ line: string }[]>('SELECT line FROM audit_events WHERE organisation_id = $1 ORDER BY seq', [organisationId]);
      return rows.map(({ line }): AuditFact => JSON.parse(line));
    },
    async elapse(ms) {
      await dataSource.query(`UPDATE sink_deliveries SET held_until = held_until - $1::integer * interval '1 millisecond'`, [ms]);
      await dataSource.query(`UPDATE sink_fleets SET present_until = present_until - $1::integer * interval '1 millisecond'`, [ms]);
    },
    async close() {
      await dataSource.destroy();
      await database.drop();
      rmSync(folder, { recursive: true });
    },
  };
});
