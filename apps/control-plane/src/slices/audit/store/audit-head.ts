import { DEPLOYMENT_STREAM } from '@sallyport/audit-event';
import { branded, type EpochMs, type OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

/** What stands in the column `organisation_id` for the deployment's own stream. No organisation has this id, and none may enter it. */
export const NO_ORGANISATION = branded<OrganisationId>('00000000-0000-0000-0000-000000000000');

/** Where a stream stands. */
export interface AuditHead {
  readonly organisationId: OrganisationId;
  /** How many events it has had: the newest one's `seq`. */
  readonly size: number;
  /** The same, without the events about checkpoints at its end. */
  readonly news: number;
  /** The first event that retention has left. */
  readonly oldestSeq: number;
  /** 64 hexadecimal digits: the newest event's hash, of the genesis text before the first. */
  readonly lastHash: string;
  /** When the newest event was taken in; events are never taken in before it. */
  readonly lastAt: EpochMs;
  /** The roots of the complete subtrees, the largest first, 32 bytes each. */
  readonly frontier: Uint8Array;
  /** The signing key that the stream was told of last. */
  readonly keyId: string;
  /** Counts the signing keys of the stream from 1. */
  readonly keyEpoch: number;
  /** The organisation's newest revision whose change is in the stream. */
  readonly adminRevision: number;
}

/** What a new stream begins with. */
export interface Genesis {
  /** The signing key at that time. */
  readonly keyId: string;
  /** The genesis text's hash. */
  readonly hash: string;
  readonly at: EpochMs;
}

interface HeadRow {
  readonly size: string;
  readonly news: string;
  readonly oldest_seq: string;
  readonly last_hash: Buffer;
  readonly last_ms: string;
  readonly frontier: Buffer;
  readonly key_id: string;
  readonly key_epoch: number;
  readonly admin_revision: string;
}

/** The name of an organisation's stream; the deployment's own has none of an organisation. */
export function streamOf(organisationId: OrganisationId): string {
  return organisationId === NO_ORGANISATION ? DEPLOYMENT_STREAM : organisationId;
}

const COLUMNS = 'size, news, oldest_seq, last_hash, (extract(epoch FROM last_at) * 1000)::bigint AS last_ms, frontier, key_id, key_epoch, admin_revision';

/** Takes a stream's head for writing until the transaction ends, beginning the stream if there is none. Writers queue here. */
export async function lockHead(manager: EntityManager, organisationId: OrganisationId, genesis: () => Genesis): Promise<AuditHead> {
  const known = await select(manager, organisationId, ' FOR UPDATE');
  if (known !== undefined) return known;
  const { keyId, hash, at } = genesis();
  await manager.query(
    `INSERT INTO audit_heads (organisation_id, size, news, last_hash, last_at, frontier, start_key_id, key_id, key_epoch)
     VALUES ($1, 0, 0, $2, $3, ''::bytea, $4, $4, 1) ON CONFLICT DO NOTHING`,
    [organisationId, Buffer.from(hash, 'hex'), new Date(at).toISOString(), keyId],
  );
  const made = await select(manager, organisationId, ' FOR UPDATE');
  if (made === undefined) throw new Error(`the head of stream ${streamOf(organisationId)} is not to be seen`);
  return made;
}

/** Where a stream stands; `undefined` before its first event. */
export function readHead(manager: EntityManager, organisationId: OrganisationId): Promise<AuditHead | undefined> {
  return select(manager, organisationId, '');
}

/** Keeps where a stream stands after events were added. The caller has locked it. */
export async function moveHead(manager: EntityManager, head: AuditHead): Promise<void> {
  await manager.query(
    'UPDATE audit_heads SET size = $2, news = $3, last_hash = $4, last_at = $5, frontier = $6, key_epoch = $7, admin_revision = $8, key_id = $9 WHERE organisation_id = $1',
    [head.organisationId, head.size, head.news, Buffer.from(head.lastHash, 'hex'), new Date(head.lastAt).toISOString(), Buffer.from(head.frontier), head.keyEpoch, head.adminRevision, head.keyId],
  );
}

async function select(manager: EntityManager, organisationId: OrganisationId, lock: '' | ' FOR UPDATE'): Promise<AuditHead | undefined> {
  const [row] = await manager.query<HeadRow[]>(`SELECT ${COLUMNS} FROM audit_heads WHERE organisation_id = $1${lock}`, [organisationId]);
  return row === undefined ? undefined : headOf(organisationId, row);
}

function headOf(organisationId: OrganisationId, row: HeadRow): AuditHead {
  return {
    organisationId,
    size: Number(row.size),
    news: Number(row.news),
    oldestSeq: Number(row.oldest_seq),
    lastHash: row.last_hash.toString('hex'),
    lastAt: branded<EpochMs>(Number(row.last_ms)),
    frontier: row.frontier,
    keyId: row.key_id,
    keyEpoch: row.key_epoch,
    adminRevision: Number(row.admin_revision),
  };
}
