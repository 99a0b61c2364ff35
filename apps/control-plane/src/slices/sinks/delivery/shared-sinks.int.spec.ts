import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { branded, type Clock, type EpochMs, type OrganisationId } from '@sallyport/kernel';
import { parseOperatorFile } from '@sallyport/operator-file';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ControlPlane } from '../../../control-plane.js';
import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { aSecondPlane } from '../../../testing/a-second-plane.js';
import { aDecided, sequenced } from '../../../testing/decision-records.js';
import { mutate } from '../../../testing/mutate.js';
import { withDatabase } from '../../../testing/tables-of.js';

const SINKS = ['siem-1', 'siem-2', 'siem-3', 'siem-4'];
const SOON = { timeout: 30_000, interval: 100 };

/** Each sink writes to files of its own, which both control planes reach, so what was written twice would be seen. */
describe('sinks that two control planes on one database export to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-shared-'));
  const clock: Clock = { now: () => branded<EpochMs>(Date.now()), monotonicMs: () => performance.now() };
  let world: TestControlPlane;
  let second: ControlPlane | undefined;
  let calls = 0;
  beforeAll(async () => {
    world = await aControlPlane({ operatorFile: operatorFile(), clock });
    for (const name of SINKS) await mutate(world, 'addSink', 'sink { id }', { type: 'file', name, settings: { directory: folder }, afterSeq: 0 });
  });
  afterAll(async () => {
    await second?.close();
    await world.close();
    rmSync(folder, { recursive: true });
  });

  function operatorFile() {
    const parsed = parseOperatorFile(`sinks:\n  - { kind: file, directory: ${folder} }\n`);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
    return parsed.value;
  }
  const rows = <Row extends object>(sql: string) => withDatabase(world.database.url, async (client) => (await client.query<Row>(sql)).rows);
  /** How many sinks each control plane has. */
  const shares = async (): Promise<readonly number[]> => {
    const found = await rows<{ sinks: number }>(`SELECT count(*)::int AS sinks FROM sink_deliveries WHERE held_until > clock_timestamp() AND holder IS NOT NULL GROUP BY split_part(holder, '/', 1) ORDER BY 1`);
    return found.map(({ sinks }) => sinks);
  };
  const call = async (plane: ControlPlane): Promise<void> => {
    const [organisation] = await rows<{ organisation_id: OrganisationId }>('SELECT DISTINCT organisation_id FROM sinks');
    calls += 1;
    if (organisation !== undefined) await plane.auditBus.publish(sequenced(aDecided(organisation.organisation_id, calls)));
  };
  const newest = async () => Number((await rows<{ size: string }>('SELECT max(size) AS size FROM audit_heads'))[0]?.size);
  /** The `seq` of every line that the files of a sink hold, in their order. */
  const written = (sinkId: string): readonly number[] => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name.startsWith(sinkId));
    const lines = files.sort((one, other) => one.name.localeCompare(other.name)).flatMap((file) => readFileSync(join(file.parentPath, file.name), 'utf8').split('\n').slice(0, -1));
    return lines.map((line) => (JSON.parse(line) as { readonly seq: number }).seq);
  };
  /** Every sink has the whole stream, each event once, and perhaps what was told since: to ask is itself told of. */
  const expectEachOnce = async (): Promise<void> => {
    const stored = await newest();
    for (const { sink_id: id } of await rows<{ sink_id: string }>('SELECT sink_id FROM sinks')) {
      await expect.poll(() => written(id).length, SOON).toBeGreaterThanOrEqual(stored);
      const lines = written(id);
      expect(lines).toEqual(lines.map((_, at) => at + 1));
    }
  };

  it('are shared out when the second one comes, and each event is written once, in order', async () => {
    await expect.poll(shares, SOON).toEqual([4]);
    await call(world.plane);
    second = await aSecondPlane(world, { operatorFile: operatorFile(), clock });
    for (let n = 0; n < 20; n += 1) await call(n % 2 === 0 ? world.plane : second);
    await expect.poll(shares, SOON).toEqual([2, 2]);
    await call(second);
    await world.plane.auditTold();
    await second.auditTold();
    await expectEachOnce();
  }, 90_000);

  it('are all exported to by the one that is left, without an event twice', async () => {
    await second?.close();
    second = undefined;
    await call(world.plane);
    await world.plane.auditTold();
    await expect.poll(shares, SOON).toEqual([4]);
    await expectEachOnce();
  }, 60_000);
});
