import { aChain, aFact } from '@sallyport/audit-event/testing';
import { describe, expect, it } from 'vitest';

import type { ChainReport } from './chain-report.js';
import { openCheckpoint, type OpenedCheckpoint } from './checkpoint.js';
import { DumpVerifier } from './dump-verifier.js';
import { LineSplitter } from './line-splitter.js';
import { aCheckpoint, aLog, anExport, fileOf, type ALog } from './testing/an-export.js';
import { nodeSha256 as sha256, nodeVerify as verify } from './testing/node-crypto.js';

const log = aLog(30);
const lines = log.events.map(({ line }) => line);

function opened(size = 30, of: ALog = log): OpenedCheckpoint {
  const read = openCheckpoint(aCheckpoint(of, size), [of.key], { sha256, verify });
  if (!read.ok) throw new Error(read.refusal);
  return read.value;
}

function verified(dump: readonly string[], { size = 30, from = 1, of = log }: { readonly size?: number; readonly from?: number; readonly of?: ALog } = {}): ChainReport {
  const verifier = new DumpVerifier({ against: opened(size, of), from, sha256 });
  const splitter = new LineSplitter();
  for (const line of splitter.push(fileOf(dump))) verifier.line(line);
  return verifier.finish();
}

/** Events made from `after` on by somebody without the key, chained as they should be. */
function forged(after: number, n: number): readonly string[] {
  return aChain(n, { after: log.events[after - 1] ?? { seq: after, hash: 'ab'.repeat(32) }, factAt: (seq) => aFact({ outcome: 'denied' }, seq + 500) }).map(({ line }) => line);
}

describe('what a receiver kept', () => {
  it('is whole in any order, and again and again', () => {
    const backwards = lines.toReversed();
    expect(verified([...backwards, ...lines])).toMatchObject({ code: 0, events: 30, firstSeq: 1, lastSeq: 30, undecided: [], notices: [expect.stringContaining('30 lines repeat')], heads: [{ result: 'same' }] });
  });

  it('has its links checked in every order, beyond the checkpoint too', () => {
    const apart = [...lines.slice(0, 24), ...forged(24, 1), ...lines.slice(25)];
    for (const dump of [apart, apart.toReversed()]) expect(verified(dump, { size: 20 }).findings, 'newer').toMatchObject([{ kind: 'modified', seq: 25, toSeq: 26 }]);
    const within = [...lines.slice(0, 9), ...forged(9, 1), ...lines.slice(10)];
    for (const dump of [within, within.toReversed()]) expect(verified(dump).findings).toMatchObject([{ kind: 'modified', seq: 10, toSeq: 11 }]);
  });

  it('says what it passed over', async () => {
    const { notices } = verified([...lines.slice(0, 25), ...(await anExport(log)).slice(-1)], { size: 20 });
    expect(notices).toEqual([expect.stringContaining('5 events are newer'), expect.stringContaining('1 lines are trailers')]);
    expect(verified(lines, { from: 5 }).notices).toEqual([expect.stringContaining('4 lines are events before event 5')]);
  });

  it('is not decided where events are too far from any head to be kept, and has no other memory of them', () => {
    const far = Array.from({ length: 50 }, (_, at) => forged(10_000_000 * (at + 1), 1)).flat();
    expect(verified([...lines, ...far])).toMatchObject({ code: 1, events: 30, findings: [], undecided: [expect.stringContaining('50 events are more than')] });
    expect(verified([...lines.toSpliced(3, 1), ...far])).toMatchObject({ code: 3, findings: [{ kind: 'missing', seq: 4 }] });
  });

  it('is not whole where a line was cut or is none', () => {
    const verifier = new DumpVerifier({ against: opened(), from: 1, sha256 });
    const splitter = new LineSplitter();
    for (const line of splitter.push(fileOf(lines).subarray(0, -1))) verifier.line(line);
    for (const line of splitter.end()) verifier.line(line);
    expect(verifier.finish()).toMatchObject({ findings: [{ kind: 'modified', seq: 30 }, { kind: 'missing', seq: 30 }] });
  });

  it('begins with the genesis of its stream and its key', () => {
    const odd = aLog(5, { startKeyId: 'another' });
    const dump = odd.events.map(({ line }) => line);
    expect(verified(dump, { of: odd, size: 5 })).toMatchObject({ code: 2, findings: [{ kind: 'modified', seq: 1, detail: expect.stringContaining('genesis') }] });
  });
});
