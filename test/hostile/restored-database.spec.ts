import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { AcknowledgeAuditResetDocument, ListAuditEventsDocument, ReadAuditCheckpointDocument, ReadAuditKeysDocument, ReadAuditStreamsDocument } from '@sallyport/graphql-contract';
import { hostileUpstream, type HostileUpstream } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { accepted } from '../e2e/world/accepted.js';
import { call, verdictOf } from '../e2e/world/post.js';
import { World, operatorFile, type Access } from '../e2e/world/world.js';

const SOON = { timeout: 30_000, interval: 100 };

let world: World;
let upstream: HostileUpstream;
let access: Access;

beforeAll(async () => {
  upstream = await hostileUpstream('honest');
  world = await World.start({ operatorFile: operatorFile() });
  access = await world.open({ slug: 'tracker', url: upstream.url, policy: { version: '1', default: 'deny', tools: { do_it: {} } } });
});
afterAll(async () => {
  await world?.end();
  await upstream?.close();
});

const postgres = (): string => join(world.dataFolder, 'postgres');
const copy = (from: string, to: string): void => void execFileSync('sh', ['-c', 'rm -rf "$2" && cp -a "$1" "$2"', 'sh', from, to]);
const head = async () => (await world.admin.run(ReadAuditStreamsDocument, { scope: 'organisation' })).auditStreams[0];
const file = (name: string, text: string): string => {
  writeFileSync(join(world.folder, name), text);
  return name;
};

/** Makes refused calls, one after the other, until the stream has so many events; a call is one event. */
async function growTo(size: number): Promise<void> {
  for (let now = (await head())?.size ?? 0; now < size; now = (await head())?.size ?? 0) {
    expect(verdictOf(await call({ ...access, url: new URL(new URL(access.url).pathname, world.url).href }, 'other'))).toBe('default_deny');
    await vi.waitFor(async () => expect((await head())?.size).toBeGreaterThan(now), { timeout: 10_000, interval: 10 });
  }
}

/** Starts again, and waits until the sign-in that the test itself needs is told: after that only calls make events. */
async function restart(): Promise<void> {
  const since = new Date().toISOString();
  await world.restart();
  await vi.waitFor(async () => {
    const { auditEvents } = await world.admin.run(ListAuditEventsDocument, { first: 5, after: null, scope: 'organisation', filter: { type: 'auth.success', since } });
    expect(auditEvents.nodes.length).toBeGreaterThan(0);
  }, SOON);
}

/** The signed head of the whole stream, once it is signed. */
function signedHead(): Promise<{ readonly size: number; readonly note: string }> {
  return vi.waitFor(async () => {
    const { auditCheckpoint } = await world.admin.run(ReadAuditCheckpointDocument, { scope: 'organisation', covering: null });
    expect(auditCheckpoint?.size).toBe((await head())?.size);
    return { size: auditCheckpoint?.size ?? 0, note: auditCheckpoint?.note ?? '' };
  }, SOON);
}

describe('a database that is restored from yesterday\'s backup', () => {
  let before: { readonly size: number; readonly note: string };

  it('is signed no further, and the alarm says why', async () => {
    await growTo(((await head())?.size ?? 0) + 5);
    file('audit.keys', (await world.admin.run(ReadAuditKeysDocument, { scope: 'organisation' })).auditKeys.join('\n'));
    await world.stop();
    copy(postgres(), join(world.folder, 'backup'));
    await restart();
    await growTo(((await head())?.size ?? 0) + 25);
    before = await signedHead();
    file('before.txt', before.note);
    await world.stop();
    copy(join(world.folder, 'backup'), postgres());
    await restart();
    await vi.waitFor(async () => expect((await head())?.alarm).toBe('shrunk'), SOON);
    expect((await head())?.signedSize).toBeLessThan(before.size);
    expect(world.process.stderr).toContain('audit.head_refused');
    expect(await (await fetch(new URL('/metrics', world.url))).text()).toMatch(/^sallyport_audit_alarms [1-9]/m);
    const status = await world.cli(['audit', 'status']);
    expect(status.stdout).toContain('shrunk');
  });

  it('is signed again when an operator says so, and whoever has both heads sees two histories', async () => {
    const stream = (await head())?.stream ?? '';
    accepted((await world.admin.run(AcknowledgeAuditResetDocument, { input: { stream, reason: 'brought back from the copy of yesterday' } })).acknowledgeAuditReset);
    await growTo(before.size);
    const after = await signedHead();
    expect(after.size).toBe(before.size);
    const verdict = await world.cli(['verify', 'consistency', 'before.txt', file('after.txt', after.note), '--key', 'audit.keys', '--json']);
    expect(verdict.code).toBe(6);
    expect(JSON.parse(verdict.stdout)).toMatchObject({ code: 6, findings: [{ kind: 'equivocation' }] });
    const exported = (await world.cli(['export'])).stdout;
    expect((await world.cli(['verify', 'chain', file('audit.ndjson', exported), '--key', 'audit.keys', '--against', 'after.txt'])).code).toBe(0);
    expect((await world.cli(['verify', 'chain', 'audit.ndjson', '--key', 'audit.keys', '--against', 'before.txt'])).code).toBe(6);
    expect(exported).toContain('brought back from the copy of yesterday');
  });
});
