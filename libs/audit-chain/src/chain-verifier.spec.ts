import type { AuditFact } from '@sallyport/audit-event';
import { aChain, aFact } from '@sallyport/audit-event/testing';
import { describe, expect, it } from 'vitest';

import type { ChainCheck } from './chain-check.js';
import type { ChainReport } from './chain-report.js';
import { ChainVerifier } from './chain-verifier.js';
import { openCheckpoint, type OpenedCheckpoint } from './checkpoint.js';
import { encodeBase64 } from './base64.js';
import { ExportSealer } from './export-sealer.js';
import { announceKey } from './key-announcement.js';
import { LineSplitter, MAX_FILE_LINE_BYTES } from './line-splitter.js';
import { LOGGED_ORGANISATION, aCheckpoint, aLog, anExport, fileOf, type ALog } from './testing/an-export.js';
import { aNoteSigner, nodeSha256 as sha256, nodeVerify as verify } from './testing/node-crypto.js';
import { verifierKey, verifierKeyText } from './verifier-key.js';

const log = aLog(40);
const other = aLog(40, { stream: '0199c2a0-7b00-7000-8000-0000000000ff', seed: 2 });

/** Reads a file in chunks that cut lines anywhere. */
function verified(file: Uint8Array, over: Partial<ChainCheck> = {}): ChainReport {
  const verifier = new ChainVerifier({ keys: [log.key], sha256, verify, ...over });
  const splitter = new LineSplitter();
  for (let at = 0; at < file.length; at += 1_000) for (const line of splitter.push(file.subarray(at, at + 1_000))) verifier.line(line);
  for (const line of splitter.end()) verifier.line(line);
  return verifier.finish();
}

const found = ({ code, findings }: ChainReport) => ({ code, first: findings[0] === undefined ? undefined : `${findings[0].kind} ${findings[0].seq}` });

function opened(note: string, of: ALog = log): OpenedCheckpoint {
  const read = openCheckpoint(note, [of.key], { sha256, verify });
  if (!read.ok) throw new Error(read.refusal);
  return read.value;
}

/** The log's events from `from` on, made anew with another fact at that place and chained as they should be. */
function rechained(from: number, fact: Partial<AuditFact>): readonly string[] {
  const before = log.events[from - 2];
  if (before === undefined) throw new Error('there is an event before');
  return aChain(log.events.length - from + 1, { after: before, factAt: (seq) => aFact(seq === from ? fact : {}, seq) }).map(({ line }) => line);
}

describe('an untouched export', () => {
  it('is found intact, with its figures', async () => {
    const report = verified(fileOf(await anExport(log)));
    expect(report).toMatchObject({ code: 0, findings: [], notices: [], stream: LOGGED_ORGANISATION, events: 40, firstSeq: 1, lastSeq: 40, lastHash: log.events[39]?.hash });
    expect(report.root).toBe(encodeBase64(log.tiles.root()));
    expect(report.trailer).toMatchObject({ count: 40, signedBy: [`${log.origin}+${log.key.keyHash}`] });
    expect(report.heads).toMatchObject([{ source: 'trailer', size: 40, result: 'same' }]);
  });

  it.each([
    ['from the middle', { from: 11, to: 30 }],
    ['of one event', { from: 7, to: 7 }],
    ['up to the end', { from: 20 }],
    ['older than the checkpoint', { to: 25 }],
    ['newer than the checkpoint', { checkpoint: 33 }],
    ['from the middle, newer than the checkpoint', { from: 30, checkpoint: 33 }],
  ])('%s is found intact and tied to its checkpoint', async (_, wish) => {
    const report = verified(fileOf(await anExport(log, wish)));
    expect(report).toMatchObject({ code: 0, notices: [], heads: [{ result: 'same' }] });
  });

  it('without events is a valid export', async () => {
    expect(verified(fileOf(await anExport(log, { from: 15, to: 14 })))).toMatchObject({ code: 0, events: 0, trailer: { count: 0 } });
    expect(verified(fileOf(await anExport(aLog(0), { checkpoint: 0 })))).toMatchObject({ code: 0, events: 0 });
  });

  it('says so when its checkpoint is from before its first event', async () => {
    expect(verified(fileOf(await anExport(log, { from: 30, checkpoint: 20 })))).toMatchObject({ code: 0, notices: [expect.stringContaining('could not be tied')] });
  });
});

describe('a touched export', () => {
  it('names the event of which a byte is another', async () => {
    const lines = [...(await anExport(log))];
    lines[16] = lines[16]?.replace('billing-bot', 'billing-bat') ?? '';
    expect(found(verified(fileOf(lines)))).toEqual({ code: 2, first: 'modified 17' });
  });

  it('names the first event when that is it, in an export from the middle too', async () => {
    const lines = [...(await anExport(log, { from: 11 }))];
    lines[0] = lines[0]?.replace('billing-bot', 'billing-bat') ?? '';
    const report = verified(fileOf(lines));
    expect(report.findings).toMatchObject([{ kind: 'modified', seq: 11, line: 1 }]);
  });

  it('names events that are missing at the beginning, within and at the end', async () => {
    const lines = await anExport(log);
    expect(verified(fileOf(lines.toSpliced(0, 2))).findings).toMatchObject([{ kind: 'missing', seq: 1, toSeq: 2 }]);
    expect(verified(fileOf(lines.toSpliced(9, 1))).findings).toMatchObject([{ kind: 'missing', seq: 10 }]);
    expect(verified(fileOf(lines.toSpliced(37, 3))).findings).toMatchObject([{ kind: 'missing', seq: 38, toSeq: 40 }]);
    expect(verified(fileOf(lines.slice(40))).findings).toMatchObject([{ kind: 'missing', seq: 1, toSeq: 40 }]);
  });

  it('is missing its trailer when it was cut, at a line or within one', async () => {
    const file = fileOf(await anExport(log));
    expect(found(verified(fileOf((await anExport(log)).slice(0, 30))))).toEqual({ code: 3, first: 'missing 31' });
    expect(found(verified(file.subarray(0, -1)))).toEqual({ code: 3, first: 'missing 41' });
    expect(verified(file.subarray(0, -500)).code).toBe(3);
    expect(found(verified(new Uint8Array(0)))).toEqual({ code: 3, first: 'missing 1' });
  });

  it('names the event that stands behind a later one, and one that stands twice', async () => {
    const lines = await anExport(log);
    const swapped = lines.map((line, at) => lines[at === 4 ? 5 : at === 5 ? 4 : at] ?? line);
    expect(found(verified(fileOf(swapped)))).toEqual({ code: 4, first: 'out_of_order 5' });
    expect(found(verified(fileOf(lines.toSpliced(20, 0, lines[3] ?? ''))))).toEqual({ code: 4, first: 'duplicate 4' });
    expect(found(verified(fileOf([...lines, lines[40] ?? ''])))).toEqual({ code: 4, first: 'out_of_order 41' });
  });

  it('names the event of another organisation', async () => {
    const lines = (await anExport(log)).with(11, other.events[11]?.line ?? '');
    expect(found(verified(fileOf(lines)))).toEqual({ code: 2, first: 'modified 12' });
    expect(found(verified(fileOf(lines), { keys: [log.key, other.key] }))).toEqual({ code: 2, first: 'modified 12' });
  });

  it('does not take an event that was replaced and given a new hash', async () => {
    const [replaced] = rechained(12, { type: 'call.completed' });
    expect(found(verified(fileOf((await anExport(log)).with(11, replaced ?? ''))))).toEqual({ code: 2, first: 'modified 12' });
  });

  it('does not take an end that was chained anew, whoever signs for it', async () => {
    const forged = rechained(30, { outcome: 'denied' });
    const lines = await anExport(log);
    expect(found(verified(fileOf([...lines.slice(0, 29), ...forged, lines[40] ?? ''])))).toEqual({ code: 2, first: 'modified 1' });
    const forger = aNoteSigner(log.origin, 66);
    const whole = { ...log, events: [...log.events.slice(0, 29), ...aChain(11, { after: log.events[28] ?? { seq: 0, hash: '' }, factAt: (seq) => aFact({}, seq + 1_000) })] };
    expect(found(verified(fileOf(await anExport(whole, { signers: [forger], checkpoint: null }))))).toEqual({ code: 5, first: 'bad_signature 1' });
  });

  it('needs a trailer by the log\'s own key', async () => {
    const lines = await anExport(log);
    expect(found(verified(fileOf(lines), { keys: [other.key] })).code).toBe(5);
    expect(found(verified(fileOf(lines.with(40, lines[40]?.replace('T12:', 'T13:') ?? ''))))).toEqual({ code: 5, first: 'bad_signature 1' });
    const foreign = (await anExport(other))[40] ?? '';
    expect(found(verified(fileOf(lines.with(40, foreign)))).code).toBe(5);
    expect(found(verified(fileOf(lines.with(40, foreign)), { keys: [log.key, other.key] })).code).toBe(2);
  });

  it('reports several findings by seq, and ends with the code of the first', async () => {
    const lines = (await anExport(log)).with(9, '{}').toSpliced(20, 1);
    expect(verified(fileOf(lines))).toMatchObject({ code: 2, findings: [{ kind: 'modified', seq: 10 }, { kind: 'missing', seq: 21 }], findingsTotal: 2 });
  });

  it('keeps a hundred findings and counts the others', () => {
    const report = verified(fileOf(Array.from({ length: 500 }, () => '{}')));
    expect([report.findings.length, report.findingsTotal]).toEqual([100, 501]);
  });

  it.each([
    ['white space', (line: string) => line.replace('":', '": ')],
    ['another order of keys', (line: string) => line.replace(/^\{("actor":\{.*?\}),("client":\{.*?\}),/, '{$2,$1,')],
    ['an escape that is not needed', (line: string) => line.replace('billing', '\\u0062illing')],
    ['a number in another form', (line: string) => line.replace('"seq":17', '"seq":17.0')],
    ['a carriage return', (line: string) => `${line}\r`],
    ['a byte order mark', (line: string) => `\ufeff${line}`],
    ['a member twice', (line: string) => line.replace('{"actor"', '{"actor":1,"actor"')],
  ])('does not take the same event in another form: %s', async (_, change) => {
    const lines = await anExport(log);
    const changed = change(lines[16] ?? '');
    expect(changed).not.toBe(lines[16]);
    expect(found(verified(fileOf(lines.with(16, changed))))).toEqual({ code: 2, first: 'modified 17' });
  });

  it('does not take bytes that are no UTF-8 for the character that stands for them', async () => {
    const odd = aLog(3, { factAt: () => ({ ext: { note: 'a\ufffdb' } }) });
    const file = fileOf(await anExport(odd));
    expect(verified(file, { keys: [odd.key] }).code).toBe(0);
    const at = file.indexOf('\ufffd');
    const changed = Buffer.concat([file.subarray(0, at), Buffer.of(0xff), file.subarray(at + 3)]);
    expect(found(verified(changed, { keys: [odd.key] }))).toEqual({ code: 2, first: 'modified 1' });
  });

  it('survives a line of any length and depth', () => {
    const deep = fileOf(['{"a":'.repeat(100_000)]);
    const long = Buffer.concat([Buffer.alloc(MAX_FILE_LINE_BYTES + 5, 0x61), Buffer.from('\n')]);
    expect(found(verified(deep)).first).toBe('modified 1');
    expect(found(verified(long)).first).toBe('modified 1');
  });
});

describe('an event that holds a copy of its integrity', () => {
  it('is hashed without its own hash and with the other', async () => {
    const nested = { integrity: { alg: 'sha-256', canon: 'rfc8785', hash: '00'.repeat(32), key_epoch: 1, prev_hash: '11'.repeat(32) } };
    const admin = { action: 'a', object_type: 'key', object_id: 'ü', patch: [{ op: 'add', path: '/x', value: nested }] } as const;
    const odd = aLog(3, { factAt: () => ({ type: 'admin.key.made', admin, ext: { 9: 'nine', 10: 'ten' } }) });
    expect(verified(fileOf(await anExport(odd)), { keys: [odd.key] })).toMatchObject({ code: 0, events: 3 });
  });
});

describe('a checkpoint from elsewhere', () => {
  it('must have the root of the events, at any size', async () => {
    const file = fileOf(await anExport(log));
    for (const size of [0, 1, 17, 40]) expect(verified(file, { against: opened(aCheckpoint(log, size)) })).toMatchObject({ code: 0, heads: [{}, { source: 'given', size, result: 'same' }] });
  });

  it('shows two histories when both are signed', async () => {
    const fork = aLog(40, { factAt: (seq) => (seq === 25 ? { outcome: 'denied' } : {}) });
    const report = verified(fileOf(await anExport(log)), { against: opened(aCheckpoint(fork, 30)) });
    expect(found(report)).toEqual({ code: 6, first: 'equivocation 1' });
    expect(verified(fileOf(await anExport(log)), { against: opened(aCheckpoint(fork, 20)) }).code).toBe(0);
  });

  it('shows what is missing at the end of an older export', async () => {
    const report = verified(fileOf(await anExport(log, { to: 30, checkpoint: 30 })), { against: opened(aCheckpoint(log, 40)) });
    expect(report.findings).toMatchObject([{ kind: 'missing', seq: 31, toSeq: 40 }]);
  });
});

describe('a checkpoint from elsewhere that the file cannot be compared with', () => {
  it('leaves it undecided, which is not success', async () => {
    const middle = fileOf(await anExport(log, { from: 11, checkpoint: 40 }));
    expect(verified(middle, { against: opened(aCheckpoint(log, 30)) })).toMatchObject({ code: 1, findings: [], undecided: [expect.stringContaining('begins with event 11')], heads: [{ result: 'same' }, { result: 'not_compared' }] });
    const empty = fileOf(await anExport(log, { from: 15, to: 14 }));
    expect(verified(empty, { against: opened(aCheckpoint(log, 30)) })).toMatchObject({ code: 1 });
  });

  it('is decided where the trailer is tied to the same checkpoint', async () => {
    const middle = fileOf(await anExport(log, { from: 11, checkpoint: 40 }));
    expect(verified(middle, { against: opened(aCheckpoint(log, 40)) })).toMatchObject({ code: 0, undecided: [], heads: [{ result: 'same' }, { result: 'same' }] });
  });

  it('does not hide what is wrong', async () => {
    const middle = fileOf((await anExport(log, { from: 11 })).toSpliced(3, 1));
    expect(found(verified(middle, { against: opened(aCheckpoint(log, 30)) }))).toEqual({ code: 3, first: 'missing 14' });
  });
});

describe('the genesis of a log', () => {
  const odd = aLog(12, { startKeyId: '0123456789abcdef' });

  it('names the stream and the key, or the log begins otherwise', async () => {
    const report = verified(fileOf(await anExport(odd)));
    expect(report).toMatchObject({ code: 2, findings: [{ kind: 'modified', seq: 1, detail: expect.stringContaining('genesis') }] });
    expect(verified(fileOf(await anExport(odd, { from: 2 })))).toMatchObject({ code: 0, notices: [] });
  });

  it('is taken note of where it may name a key that was not given', async () => {
    const unsure = { code: 0, notices: [expect.stringContaining('genesis')] };
    expect(verified(fileOf(await anExport(odd, { checkpoint: null })))).toMatchObject(unsure);
    const both = [aNoteSigner(log.origin, 9), log.signer];
    const note = aCheckpoint(odd, 12, both);
    const sealer = new ExportSealer({ origin: odd.origin, stream: odd.stream, firstSeq: 1, prevHash: JSON.parse(odd.events[0]?.line ?? '').integrity.prev_hash as string }, sha256);
    for (const event of odd.events) sealer.add(event);
    const overlap = [...odd.events.map(({ line }) => line), sealer.trailerLine({ exportedAt: '2026-11-21T12:00:00Z', checkpoint: note }, [log.signer])];
    expect(verified(fileOf(overlap))).toMatchObject(unsure);
  });
});

describe('the heads that a log records', () => {
  const recorded = (root: (size: number) => Uint8Array) =>
    aLog(12, { factAt: (seq) => (seq === 9 ? { type: 'audit.checkpoint', checkpoint: { size: 8, root: encodeBase64(root(8)), key_id: 'k' } } : {}) });

  it('are those of the events before them', async () => {
    const eight = aLog(8).tiles.root();
    const honest = recorded(() => eight);
    expect(verified(fileOf(await anExport(honest)))).toMatchObject({ code: 0, notices: [] });
    const wrong = recorded(() => new Uint8Array(32));
    expect(found(verified(fileOf(await anExport(wrong))))).toEqual({ code: 2, first: 'modified 9' });
    expect(verified(fileOf(await anExport(honest, { from: 5 })))).toMatchObject({ code: 0 });
  });
});

describe('a new signing key', () => {
  const next = aNoteSigner(log.origin, 9);
  const nextKey = verifierKey(log.origin, next.publicKey, sha256);

  /** A log whose event 6 announces the next key, and whose events from 7 on are of the second epoch. */
  async function rotated(note: string, options: { readonly announced?: boolean } = {}): Promise<Uint8Array> {
    const announcement: Partial<AuditFact> = options.announced === false ? {} : { type: 'audit.key_announced', key: { key_epoch: 2, key_id: 'k', vkey: verifierKeyText(nextKey), note } };
    const { sealEvent, genesisHash, microTime } = await import('@sallyport/audit-event');
    const start = genesisHash(log.stream, 'key-1', sha256);
    const sealer = new ExportSealer({ origin: log.origin, stream: log.stream, firstSeq: 1, prevHash: start }, sha256);
    const lines: string[] = [];
    let prevHash = start;
    for (let seq = 1; seq <= 12; seq += 1) {
      const event = sealEvent(aFact(seq === 6 ? announcement : {}, seq), { stream: log.stream, seq, observedTime: microTime(1_763_715_600_500 + seq), prevHash, keyEpoch: seq > 6 ? 2 : 1 }, sha256);
      sealer.add(event);
      lines.push(event.line);
      prevHash = event.hash;
    }
    return fileOf([...lines, sealer.trailerLine({ exportedAt: '2026-11-21T12:00:00Z' }, [next])]);
  }

  it('is trusted once the key before it has announced it', async () => {
    const file = await rotated(announceKey({ keyEpoch: 2, key: nextKey }, [log.signer], sha256));
    expect(verified(file)).toMatchObject({ code: 0, announcedKeys: [{ seq: 6, keyEpoch: 2, vkey: verifierKeyText(nextKey) }] });
    expect(verified(file, { keys: [nextKey] })).toMatchObject({ code: 0 });
  });

  it('is not trusted when another announces it, or nobody', async () => {
    const forged = await rotated(announceKey({ keyEpoch: 2, key: nextKey }, [aNoteSigner(log.origin, 66)], sha256));
    expect(found(verified(forged))).toEqual({ code: 5, first: 'bad_signature 1' });
    expect(verified(forged).findings).toMatchObject([{ seq: 1 }, { seq: 6 }]);
    const wrongEpoch = await rotated(announceKey({ keyEpoch: 3, key: nextKey }, [log.signer], sha256));
    expect(verified(wrongEpoch).findings).toContainEqual(expect.objectContaining({ kind: 'bad_signature', seq: 6 }));
    const silent = await rotated('', { announced: false });
    expect(verified(silent, { keys: [log.key, nextKey] }).findings).toMatchObject([{ kind: 'bad_signature', seq: 7 }]);
  });

  it('overlaps with the one before when both sign', async () => {
    expect(verified(fileOf(await anExport(log, { signers: [log.signer, next] })), { keys: [nextKey] }).heads).toEqual([]);
    expect(verified(fileOf(await anExport(log, { signers: [log.signer, next] }))).code).toBe(0);
    expect(verified(fileOf(await anExport(log, { signers: [log.signer, next], checkpoint: null })), { keys: [nextKey] }).code).toBe(0);
  });
});

describe('a range without any key', () => {
  it('is looked through for order and hashes, with or without a trailer', async () => {
    const lines = await anExport(log);
    expect(verified(fileOf(lines), { keys: [] })).toMatchObject({ code: 0, events: 40 });
    expect(verified(fileOf(lines.slice(0, 30)), { keys: [], from: 5, to: 20 })).toMatchObject({ code: 0, events: 16, firstSeq: 5, lastSeq: 20 });
    expect(found(verified(fileOf(lines.toSpliced(39, 1)), { keys: [] }))).toEqual({ code: 3, first: 'missing 40' });
  });

  it('names what is missing at its ends', async () => {
    const lines = (await anExport(log)).slice(4, 30);
    expect(verified(fileOf(lines), { keys: [], from: 2, to: 33 }).findings).toMatchObject([{ kind: 'missing', seq: 2, toSeq: 4 }, { kind: 'missing', seq: 31, toSeq: 33 }]);
  });

  it('leaves out what is wrong elsewhere', async () => {
    const lines = (await anExport(log)).with(2, '{}').toSpliced(35, 1);
    expect(verified(fileOf(lines), { keys: [], from: 10, to: 30 })).toMatchObject({ code: 0, events: 21 });
  });

  it('tells of a clock that went back beyond the slack, and takes note of less', async () => {
    const { sealEvent, microTime } = await import('@sallyport/audit-event');
    let prevHash = '00'.repeat(32);
    const lines = [0, 1_000, 400, 900, 2_000].map((ms, at) => {
      const event = sealEvent(aFact({}, at + 1), { stream: log.stream, seq: at + 1, observedTime: microTime(1_763_715_600_000 + ms), prevHash, keyEpoch: 1 }, sha256);
      prevHash = event.hash;
      return event.line;
    });
    expect(found(verified(fileOf(lines), { keys: [], clockSlackMs: 500 }))).toEqual({ code: 4, first: 'clock_went_back 3' });
    expect(verified(fileOf(lines), { keys: [] })).toMatchObject({ code: 0, notices: ['The sequencer\'s clock went back 2 times, by at most 600 ms.'] });
  });
});
