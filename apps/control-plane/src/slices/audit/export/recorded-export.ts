import { Inject, Injectable } from '@nestjs/common';
import type { Clock, OrganisationId } from '@sallyport/kernel';

import type { Caller } from '../../../platform/identity/caller.js';
import { PART } from '../../../platform/parts.js';
import { auditChangeFact } from '../commands/admin-fact.js';
import { SigningBeat } from '../sign/signing-beat.js';
import { StreamSigner } from '../sign/stream-signer.js';
import { NO_ORGANISATION } from '../store/audit-head.js';
import { AuditTrail } from '../store/audit-trail.js';
import { AuditExport, type ExportRange, type OpenExport } from './audit-export.js';
import { EXPORT_FORMATS } from './export-formats.js';

/** An export that somebody asks for. */
export interface ExportRequest {
  readonly caller: Caller;
  readonly organisationId: OrganisationId;
  readonly range: ExportRange;
  /** A name of `EXPORT_FORMATS`. */
  readonly format: string;
}

/** Begins exports: has the head signed that they end by, and records who took what. */
@Injectable()
export class RecordedExport {
  constructor(
    @Inject(AuditExport) private readonly exports: AuditExport,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(SigningBeat) private readonly beat: SigningBeat,
    @Inject(StreamSigner) private readonly signer: StreamSigner,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Settles the range and records it; nothing of it is read before the bytes are asked for. */
  async begin({ caller, organisationId, range, format }: ExportRequest): Promise<{ readonly opened: OpenExport; readonly bytes: AsyncGenerator<Buffer, void, undefined> }> {
    const found = EXPORT_FORMATS[format];
    if (found === undefined) throw new RangeError(`there is no format ${format}`);
    const opened = await this.exports.open(organisationId, range);
    await this.beat.asLeader(() => this.signNow(organisationId));
    const { firstSeq, lastSeq } = opened;
    const change = { organisationId, at: this.clock.now(), object: { type: 'organisation', id: organisationId } as const, action: 'audit_exported', before: null, after: { first_seq: firstSeq, last_seq: lastSeq, format }, reason: null };
    await this.trail.append(organisationId === NO_ORGANISATION ? null : organisationId, [auditChangeFact(caller, change)]);
    return { opened, bytes: this.exports.bytes(opened, found) };
  }

  /** Where another process signs, the export ends by the newest head there is. */
  private async signNow(organisationId: OrganisationId): Promise<void> {
    const signed = await this.signer.sign(organisationId);
    if (signed.ok) await this.signer.keep([signed.value]);
  }
}
