import { TILE_WIDTH, TreeFrontier, type TileReader } from '@sallyport/audit-chain';
import type { StoredEvent } from '@sallyport/audit-event';
import type { OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import type { AuditHead } from './audit-head.js';
import { sha256 } from './sha256.js';

const HASH_BYTES = 32;

/** Hashes that come to the end of a tile. */
interface TileGrowth {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array[];
}

/** What a tree becomes by new leaves: its frontier, and what its tiles get. */
export interface TreeGrowth {
  readonly frontier: Uint8Array;
  readonly tiles: readonly TileGrowth[];
}

/** Adds events to the tree of a stream, as leaves. Nothing is read: a tile only ever grows at its end. */
export function growTree(head: AuditHead, events: readonly StoredEvent[]): TreeGrowth {
  const tree = treeOf(head);
  const tiles = new Map<string, TileGrowth>();
  const put = (level: number, place: number, hash: Uint8Array): void => {
    const index = Math.floor(place / TILE_WIDTH);
    const key = `${level}/${index}`;
    const tile = tiles.get(key);
    if (tile === undefined) tiles.set(key, { level, index, hashes: [hash] });
    else tile.hashes.push(hash);
  };
  for (const { seq, hash } of events) {
    const leaf = Buffer.from(hash, 'hex');
    put(0, seq - 1, leaf);
    for (const above of tree.append(leaf)) put(above.level, above.index, above.hash);
  }
  return { frontier: Buffer.concat(tree.state().peaks), tiles: [...tiles.values()] };
}

/** The right edge of a stream's tree. @throws {Fault} `audit_chain.bad_frontier` when what was kept is none of its size. */
export function treeOf({ size, frontier }: Pick<AuditHead, 'size' | 'frontier'>): TreeFrontier {
  const peaks = Array.from({ length: frontier.length / HASH_BYTES }, (_, at) => frontier.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
  return TreeFrontier.restore({ size, peaks }, sha256);
}

/** Keeps what tiles got, in one statement. */
export async function growTiles(manager: EntityManager, organisationId: OrganisationId, tiles: readonly TileGrowth[]): Promise<void> {
  await manager.query(
    `INSERT INTO audit_tiles AS kept (organisation_id, level, index, hashes)
     SELECT $1::uuid, level, index, hashes FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) AS given (level, index, hashes)
     ON CONFLICT (organisation_id, level, index) DO UPDATE SET hashes = kept.hashes || excluded.hashes`,
    [organisationId, tiles.map(({ level }) => level), tiles.map(({ index }) => index), tiles.map(({ hashes }) => Buffer.concat(hashes))],
  );
}

/** The tiles of one stream, for proofs, within the caller's transaction. */
export function storedTiles(manager: EntityManager, organisationId: OrganisationId): TileReader {
  return {
    read: async (level, index, width) => {
      const [row] = await manager.query<{ hashes: Buffer }[]>(
        'SELECT substr(hashes, 1, $4) AS hashes FROM audit_tiles WHERE organisation_id = $1 AND level = $2 AND index = $3',
        [organisationId, level, index, width * HASH_BYTES],
      );
      return row?.hashes ?? new Uint8Array();
    },
  };
}
