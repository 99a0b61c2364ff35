import { ChunkAssembler, TOPIC, type Publication } from '@sallyport/broker';
import { decodeSignedRecord, decodeStreamBody } from '@sallyport/wire';
import { vi } from 'vitest';

import { ask } from '../../e2e/world/ask.js';
import type { World } from '../../e2e/world/world.js';
import { publicationOf } from './deceiving-broker.js';
import type { WireAccess } from './wire-access.js';

/** Each organisation's snapshot as it stands on the topic, by organisation. Only those of one record. */
export type Shelf = ReadonlyMap<string, { readonly revision: number; readonly record: Publication }>;

/** Has all snapshots made again, and answers them once they have come with the frontier that names them. */
export async function freshSnapshots(world: World, wire: WireAccess): Promise<Shelf> {
  const before = (await wire.read(TOPIC.snapshots)).length;
  const { errors } = await ask({ url: world.url, token: world.adminToken }, 'mutation { rebuildSnapshots { begun } }');
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return vi.waitFor(async () => {
    const { shelf, isComplete } = shelfOf((await wire.read(TOPIC.snapshots)).slice(before));
    if (!isComplete) throw new Error('the frontier has not come');
    return shelf;
  }, { timeout: 20_000, interval: 200 });
}

function shelfOf(records: Awaited<ReturnType<WireAccess['read']>>): { readonly shelf: Shelf; readonly isComplete: boolean } {
  const assembler = new ChunkAssembler();
  const shelf = new Map<string, { readonly revision: number; readonly record: Publication }>();
  let isComplete = false;
  for (const record of records) {
    const value = assembler.accept(record)?.value ?? null;
    if (value === null) continue;
    const body = decodeStreamBody(decodeSignedRecord(value).body);
    if (body.kind === 'snapshot') shelf.set(body.organisationId, { revision: body.revision, record: publicationOf(record) });
    isComplete ||= body.kind === 'frontier';
  }
  return { shelf, isComplete };
}
