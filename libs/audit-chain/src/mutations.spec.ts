import { aChain, aFact } from '@sallyport/audit-event/testing';
import { beforeAll, describe, expect, it } from 'vitest';

import type { ChainReport } from './chain-report.js';
import { ChainVerifier } from './chain-verifier.js';
import { LineSplitter } from './line-splitter.js';
import { aLog, anExport, fileOf, type ALog } from './testing/an-export.js';
import { aNoteSigner, nodeSha256 as sha256, nodeVerify as verify } from './testing/node-crypto.js';

const MUTATIONS = 10_000;
const EVENTS = 14;
const PATIENCE_MS = 120_000;
const log = aLog(EVENTS);
const other = aLog(EVENTS, { stream: '0199c2a0-7b00-7000-8000-0000000000ff', seed: 2 });
const forger = aNoteSigner(log.origin, 66);

/** The lines of an export, the trailer last. */
type Lines = readonly string[];
type Draw = (below: number) => number;

/** Numbers that are the same in every run (mulberry32). */
function draws(seed: number): Draw {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function codeOf(file: Uint8Array): ChainReport {
  const verifier = new ChainVerifier({ keys: [log.key], sha256, verify });
  const splitter = new LineSplitter();
  for (const line of splitter.push(file)) verifier.line(line);
  for (const line of splitter.end()) verifier.line(line);
  return verifier.finish();
}

/** The log as somebody would have it who may write what he likes but has not the key: other events from `from` on, chained as they should be. */
function forged(from: number, length: number): ALog {
  const kept = log.events.slice(0, from - 1);
  const last = kept.at(-1);
  const anew = aChain(length, { ...(last === undefined ? {} : { after: last }), factAt: (seq) => aFact({ outcome: 'denied' }, seq + 500) });
  return { ...log, events: [...kept, ...anew] };
}

const MUTATE = {
  'flip a bit': (lines: Lines, draw: Draw) => {
    const file = fileOf(lines);
    const at = draw(file.length);
    file[at] = (file[at] ?? 0) ^ (1 << draw(8));
    return file;
  },
  'delete a line': (lines: Lines, draw: Draw) => fileOf(lines.toSpliced(draw(lines.length), 1)),
  'swap two lines': (lines: Lines, draw: Draw) => {
    const one = draw(lines.length);
    const two = (one + 1 + draw(lines.length - 1)) % lines.length;
    return fileOf(lines.with(one, lines[two] ?? '').with(two, lines[one] ?? ''));
  },
  'duplicate a line': (lines: Lines, draw: Draw) => fileOf(lines.toSpliced(draw(lines.length + 1), 0, lines[draw(lines.length)] ?? '')),
  'cut the file': (lines: Lines, draw: Draw) => fileOf(lines).subarray(0, -1 - draw(fileOf(lines).length)),
  'cut the tail before the trailer': (lines: Lines, draw: Draw) => fileOf([...lines.slice(0, draw(lines.length - 1)), lines.at(-1) ?? '']),
  'replace the end by a forgery': (lines: Lines, draw: Draw, span: Span) => {
    const from = span.from + draw(span.to - span.from + 1);
    const events = forged(from, span.to - from + 1 + (draw(3) === 0 ? draw(5) : 0)).events.slice(span.from - 1);
    return fileOf([...events.map(({ line }) => line), ...(draw(2) === 0 ? [] : [lines.at(-1) ?? ''])]);
  },
  'splice another organisation in': (lines: Lines, draw: Draw, span: Span) => {
    const at = draw(lines.length - 1);
    const foreign = other.events[span.from - 1 + at]?.line ?? '';
    return fileOf(lines.toSpliced(at, draw(2), foreign));
  },
} as const;

interface Span {
  readonly from: number;
  readonly to: number;
}

interface Untouched extends Span {
  readonly lines: Lines;
}

describe('an export, changed once', () => {
  const exports: Untouched[] = [];

  beforeAll(async () => {
    for (const [from, to] of [[1, EVENTS], [1, 5], [4, 11], [9, EVENTS], [7, 7]] as const) exports.push({ from, to, lines: await anExport(log, { from, to }) });
  });

  it('is found changed, whatever and wherever the change is, and passes unchanged [audit/verifiable]', () => {
    const draw = draws(20_261_121);
    const kinds = Object.entries(MUTATE);
    const unfound: string[] = [];
    const codes = new Map<string, Set<number>>();
    let untouched = 0;
    let tried = 0;
    while (tried < MUTATIONS) {
      const [kind, mutate] = kinds[tried % kinds.length] ?? ['', MUTATE['flip a bit']];
      const span = exports[draw(exports.length)];
      if (span === undefined) throw new Error('there are exports');
      const file = mutate(span.lines, draw, span);
      if (file.equals(fileOf(span.lines))) {
        untouched += 1;
        continue;
      }
      tried += 1;
      const { code, findings } = codeOf(file);
      codes.set(kind, (codes.get(kind) ?? new Set()).add(code));
      if (code === 0 || findings[0] === undefined || findings[0].seq < 1) unfound.push(`${kind} ${tried}`);
    }
    expect(unfound).toEqual([]);
    expect(untouched).toBe(0);
    expect(Object.fromEntries([...codes].map(([kind, seen]) => [kind, [...seen].sort()]))).toEqual({
      'flip a bit': [2, 5],
      'delete a line': [3],
      'swap two lines': [4],
      'duplicate a line': [4],
      'cut the file': [3],
      'cut the tail before the trailer': [3],
      'replace the end by a forgery': [2, 3],
      'splice another organisation in': [2],
    });
  }, PATIENCE_MS);

  it('is found forged when it is signed by a key of the same name', async () => {
    for (let from = 1; from <= EVENTS; from += 1) {
      const file = fileOf(await anExport(forged(from, EVENTS - from + 1), { signers: [forger], checkpoint: null }));
      expect(codeOf(file).findings[0]).toMatchObject({ kind: 'bad_signature', seq: 1 });
    }
  });

  it('gives no false alarm for any range of the log', async () => {
    for (let from = 1; from <= EVENTS; from += 1) {
      for (let to = from - 1; to <= EVENTS; to += 1) expect(codeOf(fileOf(await anExport(log, { from, to }))), `${from} to ${to}`).toMatchObject({ code: 0, findings: [] });
    }
  }, PATIENCE_MS);
});
