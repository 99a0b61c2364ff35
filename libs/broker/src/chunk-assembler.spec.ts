import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { BrokerRecord, Publication } from './broker.js';
import { ChunkAssembler } from './chunk-assembler.js';
import { CHUNK_BYTES, splitPublication } from './split-publication.js';

function published(publications: readonly Publication[], firstOffset = 0n): readonly BrokerRecord[] {
  return publications.map(({ topic, key, value, partition }, index) => ({ topic, key, value, partition: partition ?? 0, offset: firstOffset + BigInt(index), timestampMs: 0 }));
}

function assembled(records: readonly BrokerRecord[], assembler = new ChunkAssembler()): readonly BrokerRecord[] {
  return records.flatMap((record) => assembler.accept(record) ?? []);
}

const big = (seed: number, chunks = 3): Uint8Array => new Uint8Array(CHUNK_BYTES * (chunks - 1) + 1).fill(seed);
const of = (key: string, value: Uint8Array | null): Publication => ({ topic: 't', key, value });

describe('values in chunks', () => {
  it('leaves values up to 512 kB as they are', () => {
    const small = of('k', big(1, 2).subarray(1));
    expect(splitPublication(small)).toEqual([small]);
    expect(splitPublication(of('k', null))).toEqual([of('k', null)]);
  });

  it('come out as they went in, whatever their bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(4), (head, chunks) => {
        const value = new Uint8Array(head.length + chunks * (CHUNK_BYTES >> 1)).fill(9);
        value.set(head);
        const whole = assembled(published(splitPublication(of('org', value))));
        expect(whole).toHaveLength(1);
        expect(whole[0]?.key).toBe('org');
        expect(Buffer.compare(whole[0]?.value ?? new Uint8Array(), value)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('carry keys of their own, so that compaction keeps them all', () => {
    expect(splitPublication(of('org', big(1))).map(({ key }) => key)).toEqual(['org', 'org#1', 'org#2']);
  });

  it('take away the chunks of an earlier, longer value', () => {
    expect(splitPublication(of('org', Uint8Array.of(5)), 3)).toEqual([of('org', Uint8Array.of(5)), of('org#1', null), of('org#2', null)]);
    expect(assembled(published(splitPublication(of('org', null), 2))).map(({ key }) => key)).toEqual(['org']);
  });

  it('refuse a key that looks like a chunk’s', () => {
    expect(() => splitPublication(of('org#2', Uint8Array.of(1)))).toThrow(expect.objectContaining({ code: 'broker.bad_key' }));
  });

  it('may repeat and interleave, and are given out once each time they are whole', () => {
    const [a, b] = [published(splitPublication(of('org', big(1)))), published(splitPublication(of('org', big(2))))];
    const mixed = [a[0], b[0], b[0], a[2], a[1], b[2], a[1], b[1]].flatMap((record) => record ?? []);
    expect(assembled(mixed).map(({ value }) => value?.[0])).toEqual([1, 2]);
  });

  it('are never put together from parts of different values', () => {
    const [a, b] = [published(splitPublication(of('org', big(1)))), published(splitPublication(of('org', big(2))))];
    expect(assembled([...a.slice(0, 2), ...b.slice(2)])).toEqual([]);
  });

  it('are given out only as they were split', () => {
    const records = published(splitPublication(of('org', big(1))));
    records[1]?.value?.set([77], 100);
    expect(assembled(records)).toEqual([]);
  });

  it('hold what is unfinished within a bound, and the oldest goes first', () => {
    const assembler = new ChunkAssembler(3 * CHUNK_BYTES);
    const sets = [1, 2, 3, 4, 5, 6].map((seed) => published(splitPublication(of(`org ${seed}`, big(seed, 2))), BigInt(seed * 10)));
    for (const set of sets) assembled(set.slice(0, 1), assembler);
    expect(assembler.bytes).toBeLessThanOrEqual(3 * CHUNK_BYTES);
    expect(sets.flatMap((set) => assembled(set.slice(1), assembler)).map(({ key }) => key)).toEqual(['org 5', 'org 6']);
  });

  it('say from where a partition has to be read again', () => {
    const assembler = new ChunkAssembler();
    const records = published(splitPublication(of('org', big(1))), 40n);
    expect(assembler.neededFrom('t', 0)).toBeNull();
    assembled(records.slice(0, 2), assembler);
    expect([assembler.neededFrom('t', 0), assembler.neededFrom('t', 1)]).toEqual([40n, null]);
    assembled(records.slice(2), assembler);
    expect([assembler.neededFrom('t', 0), assembler.bytes]).toEqual([null, 0]);
  });

  it('pass by what is no chunk of ours', () => {
    const odd = [Uint8Array.of(0), new Uint8Array(25), new Uint8Array(25).fill(255).fill(0, 0, 1)];
    expect(assembled(published(odd.map((value) => of('k', value))))).toEqual([]);
  });
});
