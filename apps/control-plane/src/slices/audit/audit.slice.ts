import type { Slice } from '../../platform/persistence/slice.js';
import { AuditDeployment } from './sign/audit-deployment.js';
import { CheckpointSigner } from './sign/checkpoint-signer.js';
import { HeadList } from './sign/head-list.js';
import { KeyRotation } from './sign/key-rotation.js';
import { SignerLead } from './sign/signer-lead.js';
import { SigningBeat } from './sign/signing-beat.js';
import { StreamSigner } from './sign/stream-signer.js';
import { AuditHub } from './store/audit-hub.js';
import { AuditPartitions } from './store/audit-partitions.js';
import { AuditTrail } from './store/audit-trail.js';
import { CreateAudit1763700000200 } from './store/create-audit.migration.js';
import { Sequencer } from './store/sequencer.js';

/** Audit: what happened, in order and provable. Events come from the workers' records and from `AuditTrail`; they are no projection. */
export const auditSlice: Slice = {
  providers: [AuditPartitions, AuditHub, Sequencer, AuditTrail, AuditDeployment, StreamSigner, CheckpointSigner, KeyRotation, HeadList, SignerLead, SigningBeat],
  projectors: [],
  migrations: [CreateAudit1763700000200],
  entities: [],
};
