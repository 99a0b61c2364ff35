import type { EpochMs, OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

/** A signed head, as it is kept. */
export interface KeptCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly keyId: string;
  /** The signed note. */
  readonly note: string;
  readonly signedAt: EpochMs;
}

interface CheckpointRow {
  readonly size: string;
  readonly root: Buffer;
  readonly key_id: string;
  readonly note: string;
  readonly signed_at: Date;
}

/** Keeps a checkpoint and that the stream is in order. Signing the same size again only says that it still stands. */
export async function keepCheckpoint(manager: EntityManager, organisationId: OrganisationId, kept: KeptCheckpoint): Promise<void> {
  const signedAt = new Date(kept.signedAt).toISOString();
  await manager.query(
    `INSERT INTO audit_checkpoints (organisation_id, size, signed_at, key_id, root, note) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (organisation_id, size) DO UPDATE SET signed_at = excluded.signed_at, key_id = excluded.key_id, root = excluded.root, note = excluded.note`,
    [organisationId, kept.size, signedAt, kept.keyId, Buffer.from(kept.root), kept.note],
  );
  await manager.query(
    `INSERT INTO audit_signed (organisation_id, size, signed_at, noted_at, noted_size) VALUES ($1, $2, $3, $3, $2)
     ON CONFLICT (organisation_id) DO UPDATE SET size = excluded.size, signed_at = excluded.signed_at, alarm = NULL, alarm_at = NULL`,
    [organisationId, kept.size, signedAt],
  );
}

/** Keeps why a stream is not signed, and since when. */
export async function keepAlarm(manager: EntityManager, organisationId: OrganisationId, { alarm, at }: { readonly alarm: string; readonly at: EpochMs }): Promise<void> {
  await manager.query(
    `INSERT INTO audit_signed AS kept (organisation_id, size, signed_at, noted_at, noted_size, alarm, alarm_at) VALUES ($1, 0, 'epoch', 'epoch', 0, $2, $3)
     ON CONFLICT (organisation_id) DO UPDATE SET alarm_at = CASE WHEN kept.alarm = excluded.alarm THEN kept.alarm_at ELSE excluded.alarm_at END, alarm = excluded.alarm`,
    [organisationId, alarm, new Date(at).toISOString()],
  );
}

/** Notes that the stream itself said how far it was signed. */
export async function noteSaid(manager: EntityManager, organisationId: OrganisationId, { size, at }: { readonly size: number; readonly at: EpochMs }): Promise<void> {
  await manager.query('UPDATE audit_signed SET noted_at = $2, noted_size = $3 WHERE organisation_id = $1', [organisationId, new Date(at).toISOString(), size]);
}

/** The newest checkpoint that is at least as large as `size`; the newest of all without one. */
export async function readCheckpoint(manager: EntityManager, organisationId: OrganisationId, size?: number): Promise<KeptCheckpoint | undefined> {
  const [row] = await manager.query<CheckpointRow[]>(
    `SELECT size, root, key_id, note, signed_at FROM audit_checkpoints WHERE organisation_id = $1 AND size >= $2 ORDER BY size ${size === undefined ? 'DESC' : 'ASC'} LIMIT 1`,
    [organisationId, size ?? 0],
  );
  if (row === undefined) return undefined;
  return { size: Number(row.size), root: row.root, keyId: row.key_id, note: row.note, signedAt: row.signed_at.getTime() as EpochMs };
}
