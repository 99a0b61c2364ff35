import type { Slice } from '../../platform/persistence/slice.js';
import { AuditResolver } from './audit.resolver.js';
import { AuditKeysResolver } from './audit-keys.resolver.js';
import { AuditSettingsResolver } from './audit-settings.resolver.js';
import { AcknowledgeAuditReset } from './commands/acknowledge-audit-reset.js';
import { RotateAuditKey } from './commands/rotate-audit-key.js';
import { EraseKeptValues } from './commands/erase-kept-values.js';
import { SetAuditRetention } from './commands/set-audit-retention.js';
import { CreateSubjectKeys1763700000280 } from './erasure/create-subject-keys.migration.js';
import { HandOverValues } from './erasure/hand-over-values.js';
import { RecordTrail } from './erasure/record-trail.js';
import { AuditExport } from './export/audit-export.js';
import { RecordedExport } from './export/recorded-export.js';
import { AuditPull } from './read/audit-pull.js';
import { AuditEventQueries } from './read/event-queries.js';
import { OpenAuditTail } from './read/open-audit-tail.js';
import { AuditStreamQueries } from './read/stream-queries.js';
import { CursorHolds } from './retention/cursor-holds.js';
import { RetentionBeat } from './retention/retention-beat.js';
import { RetentionSweep } from './retention/retention-sweep.js';
import { AuditAlarms } from './sign/audit-alarms.js';
import { AuditDeployment } from './sign/audit-deployment.js';
import { CheckpointSigner } from './sign/checkpoint-signer.js';
import { HeadList } from './sign/head-list.js';
import { KeyRotation } from './sign/key-rotation.js';
import { SignerLead } from './sign/signer-lead.js';
import { SigningBeat } from './sign/signing-beat.js';
import { SigningRound } from './sign/signing-round.js';
import { StreamSigner } from './sign/stream-signer.js';
import { AuditHub } from './store/audit-hub.js';
import { AuditPartitions } from './store/audit-partitions.js';
import { AuditTrail } from './store/audit-trail.js';
import { CreateAudit1763700000200 } from './store/create-audit.migration.js';
import { Sequencer } from './store/sequencer.js';

/** Audit: what happened, in order and provable. Events come from the workers' records and from `AuditTrail`; they are no projection. */
export const auditSlice: Slice = {
  providers: [
    AuditResolver,
    AuditSettingsResolver,
    AuditKeysResolver,
    AuditEventQueries,
    AuditStreamQueries,
    AuditPull,
    OpenAuditTail,
    AuditExport,
    RecordedExport,
    SetAuditRetention,
    RotateAuditKey,
    AcknowledgeAuditReset,
    EraseKeptValues,
    HandOverValues,
    RecordTrail,
    CursorHolds,
    RetentionSweep,
    RetentionBeat,
    AuditPartitions,
    AuditHub,
    Sequencer,
    AuditTrail,
    AuditDeployment,
    AuditAlarms,
    StreamSigner,
    CheckpointSigner,
    KeyRotation,
    HeadList,
    SignerLead,
    SigningRound,
    SigningBeat,
  ],
  projectors: [],
  migrations: [CreateAudit1763700000200, CreateSubjectKeys1763700000280],
  entities: [],
};
