import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { consistencyProof, consistencyProofText, encodeBase64, inclusionProof, inclusionProofText, verifierKeyText } from '@sallyport/audit-chain';
import { aCheckpoint, aLog, aNoteSigner, anExport, fileOf, nodeSha256 as sha256 } from '@sallyport/audit-chain/testing';
import { parseAuditEvent } from '@sallyport/audit-event';
import { FORMATS } from '@sallyport/audit-formats';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { runCommandLine } from './program.js';

const log = aLog(30);
const fork = aLog(30, { factAt: (seq) => (seq === 12 ? { outcome: 'denied' } : {}) });
const key = verifierKeyText(log.key);
let folder: string;
let drawn: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-verify-'));
  drawn = '';
  file('audit.keys', `# keys\n\n${key}\n`);
  file('audit.ndjson', fileOf(await anExport(log)));
  file('head.txt', aCheckpoint(log));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

async function verify(...argv: readonly string[]): Promise<{ readonly exitCode: number; readonly out: string; readonly err: string }> {
  const written = { out: '', err: '' };
  const terminal = { out: (text: string) => (written.out += text), err: (text: string) => (written.err += text), colour: false, progress: drawn === 'on', environment: {}, folder, home: folder, readStdin: async () => '' };
  const exitCode = await runCommandLine(['verify', ...argv], { nowMs: () => Date.parse('2026-11-21T12:00:00Z'), start: async () => 0, terminal });
  return { exitCode, ...written };
}

const jsonOf = async (...argv: readonly string[]): Promise<Record<string, unknown>> => JSON.parse((await verify(...argv, '--json')).out) as Record<string, unknown>;

describe('sallyport verify chain', () => {
  it('finds an untouched export intact, packed or not, with the key as text or in a file', async () => {
    file('audit.ndjson.gz', gzipSync(readFileSync(join(folder, 'audit.ndjson'))));
    expect(await verify('chain', 'audit.ndjson', '--key', 'audit.keys')).toMatchObject({ exitCode: 0, out: expect.stringContaining('Intact') });
    expect(await verify('chain', 'audit.ndjson.gz', '--key', key, '--against', 'head.txt')).toMatchObject({ exitCode: 0, err: '' });
    expect(await jsonOf('chain', 'audit.ndjson', '--key', key)).toMatchObject({ code: 0, events: 30, keys: [key], trailer: { count: 30 }, files: [{ role: 'export', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }] });
  });

  it.each([
    [2, 'modified', async () => (await anExport(log)).map((line, at) => (at === 6 ? line.replace('billing', 'killing') : line)), 7],
    [3, 'missing', async () => (await anExport(log)).toSpliced(6, 1), 7],
    [4, 'duplicate', async () => (await anExport(log)).toSpliced(9, 0, log.events[6]?.line ?? ''), 7],
    [5, 'bad_signature', async () => anExport(log, { signers: [aNoteSigner(log.origin, 66)] }), 1],
  ])('ends with %i and names the event where something is %s', async (code, kind, lines, seq) => {
    file('touched.ndjson', fileOf(await lines()));
    const report = await jsonOf('chain', 'touched.ndjson', '--key', key);
    expect(report).toMatchObject({ code, findings: [{ kind, seq }] });
    const { exitCode, out } = await verify('chain', 'touched.ndjson', '--key', key);
    expect(exitCode).toBe(code);
    expect(out).toContain(`first at event ${seq}`);
  });

  it('ends with 6 when the same log signed another history', async () => {
    file('fork.txt', aCheckpoint(fork, 20));
    expect((await verify('chain', 'audit.ndjson', '--key', key, '--against', 'fork.txt')).exitCode).toBe(6);
  });

  it('tells a packed export that was cut from one that was damaged', async () => {
    const packed = gzipSync(readFileSync(join(folder, 'audit.ndjson')));
    file('cut.ndjson.gz', packed.subarray(0, -200));
    expect((await verify('chain', 'cut.ndjson.gz', '--key', key)).exitCode).toBe(3);
    const damaged = Buffer.from(packed);
    damaged.writeUInt32LE(1, damaged.length - 8);
    file('damaged.ndjson.gz', damaged);
    expect((await verify('chain', 'damaged.ndjson.gz', '--key', key)).exitCode).not.toBe(0);
  });

  it('writes a report that an auditor can read without us', async () => {
    file('touched.ndjson', fileOf((await anExport(log)).toSpliced(6, 2)));
    expect((await verify('chain', 'touched.ndjson', '--key', key, '--report', 'report.md')).exitCode).toBe(3);
    const report = readFileSync(join(folder, 'report.md'), 'utf8');
    for (const part of ['Not intact: missing, first at event 7', `\`${key}\``, '7 to 8', 'touched.ndjson', '2026-11-21T12:00:00.000Z', 'Exit code 3']) expect(report).toContain(part);
  });

  it('draws a bar on a terminal and wipes it', async () => {
    drawn = 'on';
    const { err } = await verify('chain', 'audit.ndjson', '--key', key);
    expect(err).toContain('100 %');
    expect(err.endsWith('\r\u001b[2K')).toBe(true);
  });

  it.each([
    ['no key', ['chain', 'audit.ndjson']],
    ['no file', ['chain']],
    ['a file that is not there', ['chain', 'nothing.ndjson', '--key', key]],
    ['a key that is none', ['chain', 'audit.ndjson', '--key', 'audit.key']],
    ['a checkpoint that is none', ['chain', 'audit.ndjson', '--key', key, '--against', 'audit.keys']],
    ['an unknown command', ['chains']],
    ['a range the wrong way round', ['range', 'audit.ndjson', '--from', '5', '--to', '3']],
    ['a dump without a head', ['export', 'audit.ndjson', '--key', key]],
    ['a dump from the middle without a proof', ['export', 'audit.ndjson', '--key', key, '--against', 'head.txt', '--from', '5']],
  ])('ends with 1 and a sentence for %s', async (_, argv) => {
    const { exitCode, err, out } = await verify(...argv, '--json');
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(JSON.parse(err)).toMatchObject({ error: { message: expect.any(String) } });
  });
});

describe('sallyport verify inclusion', () => {
  const proofOf = async (seq: number): Promise<readonly Uint8Array[]> => inclusionProof({ tiles: log.tiles, size: 30, sha256 }, seq - 1);

  it('takes an event with the proof of audit proof, or a C2SP proof', async () => {
    file('event.json', `${log.events[11]?.line ?? ''}\n`);
    const proof = await proofOf(12);
    file('proof.json', JSON.stringify({ seq: 12, leaf: log.events[11]?.hash, proof: proof.map(encodeBase64), checkpoint: aCheckpoint(log) }));
    file('proof.txt', inclusionProofText({ index: 11, proof, checkpoint: aCheckpoint(log) }));
    expect((await verify('inclusion', 'event.json', 'proof.json', '--key', key)).exitCode).toBe(0);
    expect((await verify('inclusion', 'event.json', 'proof.txt', '--key', key)).exitCode).toBe(0);
  });

  it('does not take another event, a changed one, or a head of another key', async () => {
    file('proof.txt', inclusionProofText({ index: 11, proof: await proofOf(12), checkpoint: aCheckpoint(log) }));
    file('other.json', log.events[12]?.line ?? '');
    file('changed.json', log.events[11]?.line.replace('billing', 'killing') ?? '');
    file('fork.json', fork.events[11]?.line ?? '');
    for (const name of ['other.json', 'changed.json', 'fork.json']) expect((await verify('inclusion', name, 'proof.txt', '--key', key)).exitCode, name).toBe(2);
    file('event.json', log.events[11]?.line ?? '');
    expect((await verify('inclusion', 'event.json', 'proof.txt', '--key', verifierKeyText(aLog(1, { seed: 7 }).key))).exitCode).toBe(5);
  });
});

describe('sallyport verify consistency', () => {
  const continued = async (): Promise<readonly Uint8Array[]> => consistencyProof({ tiles: log.tiles, size: 30, sha256 }, 20);

  it('takes a head that continues an older one, with the proof before it or beside it', async () => {
    file('old.txt', aCheckpoint(log, 20));
    file('new.txt', consistencyProofText({ oldSize: 20, proof: await continued(), checkpoint: aCheckpoint(log) }));
    file('lines.txt', (await continued()).map(encodeBase64).join('\n'));
    file('list.json', JSON.stringify((await continued()).map(encodeBase64)));
    expect((await verify('consistency', 'old.txt', 'new.txt', '--key', key)).exitCode).toBe(0);
    for (const proof of ['lines.txt', 'list.json']) expect((await verify('consistency', 'old.txt', 'head.txt', '--proof', proof, '--key', key)).exitCode).toBe(0);
    expect((await verify('consistency', 'head.txt', 'head.txt', '--key', key)).exitCode).toBe(0);
  });

  it('ends with 6 when a signed head is of another history, with 1 when it cannot tell', async () => {
    file('old.txt', aCheckpoint(fork, 20));
    file('lines.txt', (await continued()).map(encodeBase64).join('\n'));
    file('fork.txt', aCheckpoint(fork));
    expect((await verify('consistency', 'old.txt', 'head.txt', '--proof', 'lines.txt', '--key', key)).exitCode).toBe(6);
    expect((await verify('consistency', 'fork.txt', 'head.txt', '--key', key)).exitCode).toBe(6);
    expect((await verify('consistency', 'old.txt', 'head.txt', '--key', key)).exitCode).toBe(1);
    expect((await verify('consistency', 'head.txt', 'old.txt', '--key', key)).exitCode).toBe(1);
  });
});

describe('sallyport verify range', () => {
  it('needs no key, and names what is missing', async () => {
    expect((await verify('range', 'audit.ndjson', '--from', '5', '--to', '20')).exitCode).toBe(0);
    expect(await jsonOf('range', 'audit.ndjson', '--from', '25', '--to', '40')).toMatchObject({ code: 3, findings: [{ seq: 31, toSeq: 40 }] });
  });
});

describe('sallyport verify export', () => {
  const shuffled = (): readonly string[] => log.events.map(({ line }, at) => log.events[(at * 7) % 30]?.line ?? line);

  it('takes events in any order and more than once, in the native form and in every form that keeps them whole', async () => {
    file('dump.ndjson', fileOf([...shuffled(), log.events[3]?.line ?? '', log.events[3]?.line ?? '']));
    expect(await jsonOf('export', 'dump.ndjson', '--against', 'head.txt', '--key', key)).toMatchObject({ code: 0, events: 30, notices: [expect.stringContaining('2 lines repeat')] });
    for (const format of ['ocsf', 'ecs', 'otlp'] as const) {
      const lines = log.events.map((stored) => {
        const event = parseAuditEvent(stored.line);
        if (!event.ok) throw new Error('the event reads');
        return FORMATS[format].render(event.value, stored);
      });
      file('dump.ndjson', fileOf(lines));
      expect(await jsonOf('export', 'dump.ndjson', '--format', format, '--against', 'head.txt', '--key', key), format).toMatchObject({ code: 0, events: 30 });
    }
  });

  it.each([
    ['missing', 3, (lines: readonly string[]) => lines.toSpliced(4, 2)],
    ['modified', 2, (lines: readonly string[]) => lines.with(4, lines[4]?.replace('billing', 'killing') ?? '')],
    ['of another history', 2, () => fork.events.map(({ line }) => line)],
    ['there in two versions', 2, (lines: readonly string[]) => [...lines, fork.events[11]?.line ?? '']],
    ['of another organisation', 2, (lines: readonly string[]) => [...lines, aLog(1, { stream: 'another' }).events[0]?.line ?? '']],
  ])('names an event that is %s', async (_, code, change) => {
    file('dump.ndjson', fileOf(change(log.events.map(({ line }) => line))));
    const { code: ended, findings } = await jsonOf('export', 'dump.ndjson', '--against', 'head.txt', '--key', key);
    expect(ended).toBe(code);
    expect((findings as readonly object[])[0]).toMatchObject({ seq: expect.any(Number) });
  });

  it('ties a dump from the middle to the head by the proof of its last event', async () => {
    file('dump.ndjson', fileOf(log.events.slice(9).map(({ line }) => line)));
    file('proof.txt', inclusionProofText({ index: 29, proof: await inclusionProof({ tiles: log.tiles, size: 30, sha256 }, 29), checkpoint: aCheckpoint(log) }));
    expect((await verify('export', 'dump.ndjson', '--against', 'head.txt', '--from', '10', '--proof', 'proof.txt', '--key', key)).exitCode).toBe(0);
    file('dump.ndjson', fileOf(fork.events.slice(9).map(({ line }) => line)));
    expect((await verify('export', 'dump.ndjson', '--against', 'head.txt', '--from', '10', '--proof', 'proof.txt', '--key', key)).exitCode).toBe(2);
  });

  it('passes over events that are newer than the head, and says so', async () => {
    file('older.txt', aCheckpoint(log, 20));
    file('dump.ndjson', fileOf(log.events.map(({ line }) => line)));
    expect(await jsonOf('export', 'dump.ndjson', '--against', 'older.txt', '--key', key)).toMatchObject({ code: 0, notices: [expect.stringContaining('10 events are newer')] });
  });
});
