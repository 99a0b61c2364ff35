import { consistencyProof, hexOf, isSameBytes, parseHex, verifyConsistency, type TiledTree } from '@sallyport/audit-chain';
import { isFault, ok, refuse, type OrganisationId, type Result } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import { readHead, type AuditHead } from '../store/audit-head.js';
import { storedTiles, treeOf } from '../store/audit-tiles.js';
import { sha256 } from '../store/sha256.js';
import type { RememberedHead } from './head-memory.js';

/** Why a head is not signed. */
export const HEAD_ALARMS = {
  /** The stream has fewer events than were signed. */
  shrunk: 'shrunk',
  /** What was signed is not the beginning of what is there now. */
  changed: 'changed',
  /** The newest event is not the one that the head names. */
  event_missing: 'event_missing',
  /** A stream that was signed is not there any more. */
  stream_missing: 'stream_missing',
} as const;
export type HeadAlarm = keyof typeof HEAD_ALARMS;

/** A head that may be signed. */
export interface ExaminedHead extends RememberedHead {
  readonly rootBytes: Uint8Array;
}

/**
 * Whether a stream's head may be signed: what was signed last has to be its beginning, proven by the tree, and its newest event has to be
 * there and be the newest leaf.
 *
 * @param remembered What was signed last; `undefined` for a stream that never was.
 */
export async function examineHead(manager: EntityManager, organisationId: OrganisationId, remembered: RememberedHead | undefined): Promise<Result<ExaminedHead, HeadAlarm>> {
  const head = await readHead(manager, organisationId);
  if (head === undefined) return refuse('stream_missing');
  try {
    const root = treeOf(head).root();
    if (!(await hasNewestEvent(manager, head))) return refuse('event_missing');
    if (remembered !== undefined && head.size < remembered.size) return refuse('shrunk');
    const tree: TiledTree = { tiles: storedTiles(manager, organisationId), size: head.size, sha256 };
    if (remembered !== undefined && !(await continues(tree, root, remembered))) return refuse('changed');
    return ok({ size: head.size, root: hexOf(root), rootBytes: root });
  } catch (caught) {
    if (isFault(caught, 'audit_chain.bad_tile') || isFault(caught, 'audit_chain.bad_frontier')) return refuse('changed');
    throw caught;
  }
}

async function continues(tree: TiledTree, root: Uint8Array, remembered: RememberedHead): Promise<boolean> {
  const oldRoot = parseHex(remembered.root);
  if (oldRoot === undefined) return false;
  const proof = await consistencyProof(tree, remembered.size);
  return verifyConsistency({ oldSize: remembered.size, oldRoot, newSize: tree.size, newRoot: root, proof }, sha256);
}

/** Retention may have taken it, in a stream that long had none. */
async function hasNewestEvent(manager: EntityManager, head: AuditHead): Promise<boolean> {
  if (head.oldestSeq > head.size) return true;
  const [row] = await manager.query<{ hash: Buffer }[]>('SELECT hash FROM audit_events WHERE organisation_id = $1 AND seq = $2', [head.organisationId, head.size]);
  const newest = parseHex(head.lastHash);
  return row !== undefined && newest !== undefined && isSameBytes(row.hash, newest);
}
