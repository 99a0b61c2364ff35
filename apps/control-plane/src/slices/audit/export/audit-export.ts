import { Inject, Injectable } from '@nestjs/common';
import { ExportSealer, inclusionProof, type ExportAnchor } from '@sallyport/audit-chain';
import { microTime, type AuditEvent } from '@sallyport/audit-event';
import type { Clock, OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { eventsAfter } from '../read/event-queries.js';
import type { EventRow } from '../read/event-row.js';
import { AuditDeployment } from '../sign/audit-deployment.js';
import { readCheckpoint } from '../sign/checkpoint-store.js';
import { NO_ORGANISATION, readHead, streamOf } from '../store/audit-head.js';
import { storedTiles } from '../store/audit-tiles.js';
import { sha256 } from '../store/sha256.js';
import type { ExportFormat } from './export-formats.js';

/** What to export: event numbers, both ends included; the oldest and the newest there are where left out. */
export interface ExportRange {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** A range that is there. */
export interface OpenExport {
  readonly organisationId: OrganisationId;
  readonly firstSeq: number;
  /** `firstSeq - 1` for an export without events. */
  readonly lastSeq: number;
  /** Hash of the event before the first. */
  readonly prevHash: string;
}

/** Events read at once. A page is all that an export holds in memory, however long it is. */
const PAGE_EVENTS = 500;

/** Writes a stream's events out, as lines, page by page as they are taken. */
@Injectable()
export class AuditExport {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(AuditDeployment) private readonly deployment: AuditDeployment,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Settles what is exported: events that come later are not. What retention has removed is left out, which the first number shows. */
  open(organisationId: OrganisationId, { from, to }: ExportRange): Promise<OpenExport> {
    return this.reader.read(organisationId, async (manager) => {
      const head = await readHead(manager, organisationId);
      const size = head?.size ?? 0;
      const firstSeq = Math.min(Math.max(from ?? 1, head?.oldestSeq ?? 1), size + 1);
      const lastSeq = Math.max(Math.min(to ?? size, size), firstSeq - 1);
      const [first] = await eventsAfter(manager, organisationId, { after: firstSeq - 1, upTo: firstSeq, limit: 1 });
      const prevHash = first === undefined ? (head?.lastHash ?? '0'.repeat(64)) : prevHashOf(first);
      return { organisationId, firstSeq, lastSeq, prevHash };
    });
  }

  /**
   * The export's bytes, a page at a time; the last are a signed line that says what the lines above are, in formats that have one. An
   * export that was cut off has no such line.
   *
   * @throws {Error} when an event of the range is missing: what is not whole is not signed.
   */
  async *bytes(opened: OpenExport, format: ExportFormat): AsyncGenerator<Buffer, void, undefined> {
    const origin = await this.deployment.originOf(opened.organisationId);
    const { organisationId, firstSeq, lastSeq, prevHash } = opened;
    const owner = organisationId === NO_ORGANISATION ? {} : { organisationId };
    const sealer = new ExportSealer({ origin, stream: streamOf(organisationId), ...owner, firstSeq, prevHash }, sha256);
    for (let after = firstSeq - 1; after < lastSeq; ) {
      const place = { after, upTo: lastSeq, limit: PAGE_EVENTS };
      const rows = await this.reader.read(organisationId, (manager) => eventsAfter(manager, organisationId, place));
      for (const row of rows) sealer.add({ seq: Number(row.seq), hash: row.hash.toString('hex') });
      const newest = rows.at(-1);
      if (newest === undefined) throw new Error(`event ${after + 1} of stream ${streamOf(organisationId)} is missing`);
      after = Number(newest.seq);
      yield Buffer.from(rows.map((row) => `${format.line(streamOf(organisationId), row)}\n`).join(''), 'utf8');
    }
    if (!format.isSealed) return;
    const end = await this.reader.read(organisationId, (manager) => this.end(manager, opened));
    yield Buffer.from(`${sealer.trailerLine({ ...end, exportedAt: microTime(this.clock.now()) }, this.deployment.signers(origin))}\n`, 'utf8');
  }

  /** The newest signed head, and the proof that the newest exported event it covers is in it. */
  private async end(manager: EntityManager, { organisationId, firstSeq, lastSeq }: OpenExport): Promise<{ checkpoint?: string; anchor?: ExportAnchor }> {
    const kept = await readCheckpoint(manager, organisationId);
    if (kept === undefined) return {};
    const seq = Math.min(lastSeq, kept.size);
    if (seq < firstSeq) return { checkpoint: kept.note };
    const proof = await inclusionProof({ tiles: storedTiles(manager, organisationId), size: kept.size, sha256 }, seq - 1);
    return { checkpoint: kept.note, anchor: { seq, proof } };
  }
}

function prevHashOf({ line }: EventRow): string {
  return (JSON.parse(line) as Pick<AuditEvent, 'integrity'>).integrity.prev_hash;
}
