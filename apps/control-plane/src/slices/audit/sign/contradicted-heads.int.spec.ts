import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { OrganisationId } from '@sallyport/kernel';
import { openAuditKeys } from '@sallyport/signatures-ed25519';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { homeOf } from '../../../testing/audit-trail.js';
import { aDecided, sequenced } from '../../../testing/decision-records.js';
import { withDatabase } from '../../../testing/tables-of.js';
import type { HeadMemory, RememberedHead } from './head-memory.js';

/** What makes up a stream, without what is noted of its signatures. */
const STREAM_TABLES = ['audit_heads', 'audit_events', 'audit_tiles'];

/** A memory that can be emptied, as that of a process which never signed, and that may have no room. */
class HeadsOfTest implements HeadMemory {
  readonly heads = new Map<string, RememberedHead>();
  isFull = false;

  recall(origin: string): RememberedHead | undefined {
    return this.heads.get(origin);
  }

  origins(): readonly string[] {
    return [...this.heads.keys()];
  }

  keep(heads: ReadonlyMap<string, RememberedHead>, forget: readonly string[] = []): void {
    if (this.isFull) throw new Error('no space left');
    for (const origin of forget) this.heads.delete(origin);
    for (const [origin, head] of heads) this.heads.set(origin, head);
  }
}

describe('a head that contradicts what was signed', () => {
  let folder: string;
  let memory: HeadsOfTest;
  let world: TestControlPlane;
  let home: OrganisationId;
  let made = 0;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'audit-keys-'));
    memory = new HeadsOfTest();
    world = await aControlPlane({ auditSigning: { keys: openAuditKeys(folder), heads: memory } });
    home = await homeOf(world);
    made = 0;
  });
  afterEach(async () => {
    await world.close();
    rmSync(folder, { recursive: true });
  });

  const sql = (statement: string) => withDatabase(world.database.url, async (client) => (await client.query(statement)).rows);
  const calls = async (count: number) => {
    const records = sequenced(...Array.from({ length: made + count }, (_, n) => aDecided(home, n + 1, { effect: 'deny', outcome: 'denied' }))).slice(made);
    made += count;
    await world.plane.auditBus.publish(records);
  };
  const alarm = async () => ((await world.ask('{ auditStreams { alarm } }')).data?.['auditStreams'] as { alarm: string | null }[])[0]?.alarm;
  const largestSigned = async () => Number((await sql(`SELECT max(size) AS size FROM audit_checkpoints WHERE organisation_id = '${home}'`))[0]?.size);
  /** Signs twenty events, then ten more, and takes the ten away again; what is noted of signatures stays. */
  const signAndShorten = async () => {
    await calls(20);
    await world.plane.signAuditHeads();
    for (const table of STREAM_TABLES) await sql(`CREATE TABLE copy_of_${table} AS SELECT * FROM ${table}`);
    await calls(10);
    await world.plane.signAuditHeads();
    await sql(STREAM_TABLES.map((table) => `TRUNCATE ${table}; INSERT INTO ${table} SELECT * FROM copy_of_${table}`).join('; '));
  };

  it('is looked at as soon as the stream is shorter than what was signed of it, whoever else waits for the time', async () => {
    await signAndShorten();
    await expect.poll(alarm, { timeout: 20_000, interval: 100 }).toBe('shrunk');
  });

  it('is refused by a process that never signed the stream too: it goes by the newest checkpoint in the database', async () => {
    await signAndShorten();
    memory.heads.clear();
    await world.plane.signAuditHeads();
    expect(await alarm()).toBe('shrunk');
  });

  it('cannot come of a signature that was handed out and not remembered: what cannot be remembered is not kept', async () => {
    await calls(5);
    await world.plane.signAuditHeads();
    const signed = await largestSigned();
    memory.isFull = true;
    await calls(5);
    await expect(world.plane.signAuditHeads()).rejects.toThrow('no space left');
    expect(await largestSigned()).toBe(signed);
    memory.isFull = false;
    await world.plane.signAuditHeads();
    expect(await largestSigned()).toBeGreaterThan(signed);
  });
});
