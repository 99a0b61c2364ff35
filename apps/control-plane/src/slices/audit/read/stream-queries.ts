import { Inject, Injectable } from '@nestjs/common';
import { consistencyProof, encodeBase64, inclusionProof, verifierKeyText } from '@sallyport/audit-chain';
import type { OrganisationId } from '@sallyport/kernel';
import { GraphQLError } from 'graphql';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { parseId } from '../../../platform/parse-id.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { AuditDeployment } from '../sign/audit-deployment.js';
import { readCheckpoint } from '../sign/checkpoint-store.js';
import { HEAD_ALARMS } from '../sign/examine-head.js';
import { HeadList } from '../sign/head-list.js';
import { readHead, streamOf } from '../store/audit-head.js';
import { asAudit } from '../store/audit-role.js';
import { storedTiles } from '../store/audit-tiles.js';
import { sha256 } from '../store/sha256.js';
import { checkpointToGraphql } from './checkpoint-to-graphql.js';

interface HeadRow {
  readonly organisation_id: OrganisationId;
  readonly size: string;
  readonly oldest_seq: string;
  readonly last_hash: Buffer;
  readonly key_epoch: number;
  readonly signed_size: string | null;
  readonly signed_at: Date | null;
  readonly alarm: string | null;
  readonly alarm_at: Date | null;
}

/** Says where streams stand, and proves it. */
@Injectable()
export class AuditStreamQueries {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(AuditDeployment) private readonly deployment: AuditDeployment,
    @Inject(HeadList) private readonly signed: HeadList,
  ) {}

  /** One organisation's stream, or every one; last those that this process signed and that are not there any more. */
  async heads(organisationId: OrganisationId, all: boolean) {
    const select = `SELECT h.organisation_id, h.size, h.oldest_seq, h.last_hash, h.key_epoch, s.size AS signed_size, NULLIF(s.signed_at, 'epoch') AS signed_at, s.alarm, s.alarm_at
      FROM audit_heads h LEFT JOIN audit_signed s USING (organisation_id)`;
    const rows = all
      ? await asAudit(this.dataSource, (manager) => manager.query<HeadRow[]>(`${select} ORDER BY h.organisation_id`))
      : await this.reader.read(organisationId, (manager) => manager.query<HeadRow[]>(`${select} WHERE h.organisation_id = $1`, [organisationId]));
    const gone = all || rows.length === 0 ? await this.gone() : [];
    return [...rows.map(headToGraphql), ...(all ? gone : gone.filter(({ stream }) => stream === streamOf(organisationId)))];
  }

  private async gone() {
    const origins = await this.signed.missing();
    return origins.map((origin) => ({ ...GONE, stream: origin.slice(origin.lastIndexOf('/') + 1), signedSize: this.signed.signedSize(origin) }));
  }

  /** The smallest signed head that covers an event number, or the newest; `null` when there is none. */
  async checkpoint(organisationId: OrganisationId, covering?: number | null) {
    const kept = await this.reader.read(organisationId, (manager) => readCheckpoint(manager, organisationId, covering ?? undefined));
    return kept === undefined ? null : checkpointToGraphql(kept);
  }

  /** The inclusion proof of an event in the newest signed head; `null` without the event, or before a head covers it. */
  async proof(organisationId: OrganisationId, eventId: string) {
    if (parseId(eventId) === undefined) return null;
    return this.reader.read(organisationId, async (manager) => {
      const [event] = await manager.query<{ seq: string; hash: Buffer }[]>('SELECT seq, hash FROM audit_events WHERE organisation_id = $1 AND event_id = $2', [organisationId, eventId]);
      const kept = await readCheckpoint(manager, organisationId);
      if (event === undefined || kept === undefined || kept.size < Number(event.seq)) return null;
      const proof = await inclusionProof(this.tree(manager, organisationId, kept.size), Number(event.seq) - 1);
      return { seq: Number(event.seq), leaf: event.hash.toString('hex'), proof: proof.map(encodeBase64), checkpoint: checkpointToGraphql(kept) };
    });
  }

  /** That the tree of `newSize` events continues the one of `oldSize`. @throws {GraphQLError} `bad_input` for sizes that the stream never had. */
  async consistency(organisationId: OrganisationId, oldSize: number, newSize: number) {
    return this.reader.read(organisationId, async (manager) => {
      const head = await readHead(manager, organisationId);
      const areSizes = Number.isSafeInteger(oldSize) && Number.isSafeInteger(newSize) && oldSize >= 0 && oldSize <= newSize && newSize <= (head?.size ?? 0);
      if (!areSizes) throw new GraphQLError('The stream never had these sizes, or the old one is the larger.', { extensions: { code: 'bad_input' } });
      return { proof: (await consistencyProof(this.tree(manager, organisationId, newSize), oldSize)).map(encodeBase64) };
    });
  }

  /** Every key that ever signed the stream, the newest first. */
  async keys(organisationId: OrganisationId): Promise<readonly string[]> {
    const keys = await this.deployment.verifierKeys(await this.deployment.originOf(organisationId));
    return keys.map(verifierKeyText);
  }

  private tree(manager: EntityManager, organisationId: OrganisationId, size: number) {
    return { tiles: storedTiles(manager, organisationId), size, sha256 };
  }
}

const GONE = { size: 0, oldestSeq: 1, lastHash: '', keyEpoch: 0, signedAt: null, alarm: HEAD_ALARMS.stream_missing, alarmAt: null } as const;

function headToGraphql(row: HeadRow) {
  return {
    stream: streamOf(row.organisation_id),
    size: Number(row.size),
    oldestSeq: Number(row.oldest_seq),
    lastHash: row.last_hash.toString('hex'),
    keyEpoch: row.key_epoch,
    signedSize: Number(row.signed_size ?? 0),
    signedAt: row.signed_at,
    alarm: row.alarm,
    alarmAt: row.alarm_at,
  };
}
