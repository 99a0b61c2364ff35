import { appendFileSync, chmodSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { branded, type EpochMs } from '@sallyport/kernel';
import type { Delivery, OutgoingBatch, Sink } from '@sallyport/sinks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { anOutgoingBatch } from '../testing/an-outgoing-batch.js';
import { LoopbackNetwork, sinkTools } from '../testing/sink-tools.js';
import { fileFailure } from './file-failure.js';
import { fileSinkType } from './file-sink-type.js';
import { LineFile } from './line-file.js';

const NEVER = new AbortController().signal;
const DAY = Date.parse('2026-11-21T10:00:00Z');
let directory = '';
let nowMs = DAY;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-file-')));
  nowMs = DAY;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const { sinkId, organisationId } = sinkTools(new LoopbackNetwork());
const clock = { now: () => branded<EpochMs>(nowMs), monotonicMs: () => nowMs };
const folder = (): string => join(directory, organisationId);
const first = (): string => join(folder(), `${sinkId}-2026-11-21-0001.ndjson`);

function opened(settings: Record<string, string | number> = {}): Sink {
  const configuration = { settings: { directory, ...settings }, credentials: {}, format: 'native' as const, formatVersion: null };
  expect(fileSinkType.check(configuration)).toEqual({ ok: true, value: undefined });
  return fileSinkType.open(configuration, sinkTools(new LoopbackNetwork(), { clock }));
}

async function deliver(batch: OutgoingBatch, settings: Record<string, string | number> = {}): Promise<Delivery> {
  const sink = opened(settings);
  const delivery = await sink.deliver(batch, NEVER);
  await sink.close();
  return delivery;
}

function linesOf(batch: OutgoingBatch): string {
  return batch.events.map(({ stored }) => `${stored.line}\n`).join('');
}

describe('a file sink', () => {
  it('appends lines to a file that only its owner reads', async () => {
    const batch = anOutgoingBatch(30);
    const sink = opened();
    expect(await Promise.all([sink.deliver(batch, NEVER), sink.deliver(batch, NEVER)])).toEqual([{ kind: 'delivered' }, { kind: 'delivered' }]);
    await sink.close();
    expect(readFileSync(first(), 'utf8')).toBe(linesOf(batch) + linesOf(batch));
    expect(statSync(first()).mode & 0o777).toBe(0o600);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
  });

  it('begins a new file with the day, and when one has grown', async () => {
    const sink = opened({ max_megabytes: 1 });
    const wide = anOutgoingBatch(200, () => ({ request: { args_excerpt: 'x'.repeat(6_000) } }));
    for (let round = 0; round < 2; round += 1) expect(await sink.deliver(wide, NEVER)).toEqual({ kind: 'delivered' });
    nowMs += 86_400_000;
    expect(await sink.deliver(anOutgoingBatch(1), NEVER)).toEqual({ kind: 'delivered' });
    await sink.close();
    expect(readdirSync(folder()).sort()).toEqual(['2026-11-21-0001', '2026-11-21-0002', '2026-11-22-0001'].map((end) => `${sinkId}-${end}.ndjson`));
  });

  it('cuts off what a crash left of a line, however long, and goes on', async () => {
    const batch = anOutgoingBatch(3);
    await deliver(batch);
    appendFileSync(first(), `{"torn":"${'x'.repeat(200_000)}`);
    expect(await deliver(batch)).toEqual({ kind: 'delivered' });
    expect(readFileSync(first(), 'utf8')).toBe(linesOf(batch) + linesOf(batch));
    writeFileSync(first(), 'torn from the start');
    expect(await deliver(batch)).toEqual({ kind: 'delivered' });
    expect(readFileSync(first(), 'utf8')).toBe(linesOf(batch));
  });

  it.each([
    ['the directory', () => symlinked(`${directory}-link`)],
    ['a directory above it', () => symlinked(`${directory}-link`, 'inner')],
  ])('does not follow a symbolic link in the place of %s', async (_what, place) => {
    mkdirSync(join(directory, 'inner'));
    const path = place();
    expect(await deliver(anOutgoingBatch(1), { directory: path })).toMatchObject({ kind: 'paused', cause: 'config', reason: expect.stringContaining('symbolic link') });
    rmSync(`${directory}-link`);
    expect(readdirSync(directory)).toEqual(['inner']);
  });

  it('does not follow a symbolic link, nor write to another name of a file, in the place of its folder or file', async () => {
    const other = join(directory, 'other');
    mkdirSync(other);
    symlinkSync(other, folder());
    expect(await deliver(anOutgoingBatch(1))).toMatchObject({ kind: 'paused', cause: 'config' });
    rmSync(folder());
    mkdirSync(folder());
    writeFileSync(join(other, 'precious'), 'precious');
    symlinkSync(join(other, 'precious'), first());
    expect(await deliver(anOutgoingBatch(1))).toMatchObject({ kind: 'paused', cause: 'config', reason: expect.stringContaining('ELOOP') });
    rmSync(first());
    linkSync(join(other, 'precious'), first());
    expect(await deliver(anOutgoingBatch(1))).toMatchObject({ kind: 'paused', cause: 'config' });
    expect(readFileSync(join(other, 'precious'), 'utf8')).toBe('precious');
    expect(readdirSync(other)).toEqual(['precious']);
  });

  it('waits while the disk is full, and is paused where a person has to act; no path is told', async () => {
    for (const code of ['ENOSPC', 'EDQUOT']) expect(fileFailure(Object.assign(new Error('/secret/path'), { code }))).toMatchObject({ kind: 'unavailable', reason: expect.stringContaining('full') });
    rmSync(directory, { recursive: true });
    const gone = await deliver(anOutgoingBatch(1));
    expect(gone).toMatchObject({ kind: 'paused', cause: 'config', advice: 'Make the directory, and resume.' });
    expect(JSON.stringify(gone)).not.toContain(directory);
    mkdirSync(directory);
    chmodSync(directory, 0o755);
  });

  it('leaves the file as it was when the disk takes only a part', async () => {
    const place = { directory, folder: organisationId, name: sinkId, day: '2026-11-21' };
    const file = await LineFile.open(place, 1_000_000);
    await file.append(Buffer.from('one\n'));
    const handle = Reflect.get(file, 'handle') as { datasync: () => Promise<void> };
    handle.datasync = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    await expect(file.append(Buffer.from('two\n'))).rejects.toThrow('full');
    await file.close();
    expect(readFileSync(file.path, 'utf8')).toBe('one\n');
  });
});

describe('the directory of a file sink', () => {
  it.each(['logs', '/', '/var/../etc', '/var/./log', '/var/log/', '/var//log', '/var/\u0000'])('is refused where it is not plain: %j', (path) => {
    const checked = fileSinkType.check({ settings: { directory: path }, credentials: {}, format: 'native', formatVersion: null });
    expect(checked.ok ? [] : checked.refusal.map(({ pointer }) => pointer)).toEqual(['/settings/directory']);
  });
});

function symlinked(link: string, ...deeper: readonly string[]): string {
  symlinkSync(directory, link);
  return join(link, ...deeper);
}
