import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { hexOf } from './hex.js';
import { consistencyProof, inclusionProof, rootFromTiles, type TiledTree } from './make-proofs.js';
import { MemoryTiles } from './memory-tiles.js';
import { nodeSha256 as sha256 } from './testing/node-crypto.js';
import { TILE_WIDTH, TileBuilder, foldHashes } from './tiles.js';
import { TreeFrontier } from './tree-frontier.js';
import { leafHash } from './tree-hash.js';
import { verifyConsistency, verifyInclusion } from './verify-proofs.js';

const leaf = (at: number): Uint8Array => leafHash(Buffer.from(`entry ${at}`), sha256);
const leaves = (size: number): readonly Uint8Array[] => Array.from({ length: size }, (_, at) => leaf(at));

/** RFC 9162 section 2.1.1, word for word. */
function naiveRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes;
  if (only === undefined) return sha256();
  if (hashes.length === 1) return only;
  const split = splitOf(hashes.length);
  return sha256(Buffer.of(1), naiveRoot(hashes.slice(0, split)), naiveRoot(hashes.slice(split)));
}

/** RFC 9162 section 2.1.3.1. */
function naivePath(index: number, hashes: readonly Uint8Array[]): readonly Uint8Array[] {
  if (hashes.length === 1) return [];
  const split = splitOf(hashes.length);
  return index < split
    ? [...naivePath(index, hashes.slice(0, split)), naiveRoot(hashes.slice(split))]
    : [...naivePath(index - split, hashes.slice(split)), naiveRoot(hashes.slice(0, split))];
}

/** RFC 9162 section 2.1.4.1. */
function naiveSubProof(old: number, hashes: readonly Uint8Array[], isWhole: boolean): readonly Uint8Array[] {
  if (old === hashes.length) return isWhole ? [] : [naiveRoot(hashes)];
  const split = splitOf(hashes.length);
  return old <= split
    ? [...naiveSubProof(old, hashes.slice(0, split), isWhole), naiveRoot(hashes.slice(split))]
    : [...naiveSubProof(old - split, hashes.slice(split), false), naiveRoot(hashes.slice(0, split))];
}

function splitOf(size: number): number {
  return 2 ** Math.ceil(Math.log2(size) - 1);
}

function treeOf(hashes: readonly Uint8Array[], size = hashes.length): TiledTree {
  const tiles = new MemoryTiles(sha256);
  for (const hash of hashes) tiles.append(hash);
  return { tiles, size, sha256 };
}

const hexes = (hashes: readonly Uint8Array[]): readonly string[] => hashes.map(hexOf);

describe('the tree over events', () => {
  // The leaves and roots that RFC 6962 implementations publish as their test vectors.
  const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const roots = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];
  const published = entries.map((entry) => leafHash(Buffer.from(entry, 'hex'), sha256));

  it('has the published roots', () => {
    const frontier = new TreeFrontier(sha256);
    expect(hexOf(frontier.root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    const seen = published.map((hash) => {
      frontier.append(hash);
      return hexOf(frontier.root());
    });
    expect(seen).toEqual(roots);
  });

  it('has the published proofs', async () => {
    expect(hexes(await inclusionProof(treeOf(published), 5))).toEqual([
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
    expect(hexes(await consistencyProof(treeOf(published), 6))).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
  });

  it('agrees with the definition on the root, from the edge and from tiles', async () => {
    const frontier = new TreeFrontier(sha256);
    const hashes = leaves(700);
    for (const [at, hash] of hashes.entries()) {
      frontier.append(hash);
      if (at % 37 === 0 || (at + 1) % TILE_WIDTH < 2) {
        const expected = hexOf(naiveRoot(hashes.slice(0, at + 1)));
        expect(hexOf(frontier.root())).toBe(expected);
        expect(hexOf(await rootFromTiles(treeOf(hashes, at + 1)))).toBe(expected);
      }
    }
  });

  it('goes on from a kept edge and from kept tiles as if it had never stopped', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(300), (before, after) => {
        const whole = TileBuilder.empty(sha256);
        for (let at = 0; at < before; at += 1) whole.append(leaf(at));
        const again = TileBuilder.restore(whole.state(), sha256);
        const edge = TreeFrontier.restore(new TreeFrontier(sha256).state(), sha256);
        for (let at = 0; at < before; at += 1) edge.append(leaf(at));
        const restoredEdge = TreeFrontier.restore(edge.state(), sha256);
        for (let at = before; at < before + after; at += 1) {
          expect(again.append(leaf(at))).toEqual(whole.append(leaf(at)));
          restoredEdge.append(leaf(at));
        }
        expect(again.state()).toEqual(whole.state());
        expect([again.root(), restoredEdge.root()].map(hexOf)).toEqual([hexOf(whole.root()), hexOf(whole.root())]);
      }),
      { numRuns: 40 },
    );
  });

  it('cuts tiles of 256, whose folds are the tiles above', () => {
    const builder = TileBuilder.empty(sha256);
    const small = leaf(0);
    const tiles = Array.from({ length: TILE_WIDTH * TILE_WIDTH }, () => builder.append(small)).flat();
    expect(tiles.map(({ level }) => level).filter((level) => level === 0)).toHaveLength(TILE_WIDTH);
    const top = tiles.at(-1);
    expect(top).toMatchObject({ level: 1, index: 0 });
    expect(hexOf(foldHashes(top?.hashes ?? new Uint8Array(0), sha256))).toBe(hexOf(builder.root()));
  });

  it('refuses to go on from what no tree can be', () => {
    expect(() => TreeFrontier.restore({ size: 3, peaks: [leaf(0)] }, sha256)).toThrow('has 2 peaks, not 1');
    expect(() => TreeFrontier.restore({ size: 1, peaks: [new Uint8Array(31)] }, sha256)).toThrow('32 bytes');
    expect(() => TileBuilder.restore({ size: 3, open: [leaf(0)] }, sha256)).toThrow('has 3 hashes');
    expect(() => new TreeFrontier(sha256).append(new Uint8Array(0))).toThrow('32 bytes');
  });
});

describe('proofs', () => {
  const hashes = leaves(1_100);
  const tree = treeOf(hashes);
  const size = fc.integer({ min: 1, max: hashes.length });
  const within = fc.tuple(size, size).map(([one, other]): [number, number] => [Math.min(one, other), Math.max(one, other)]);

  it('of inclusion agree with the definition and are accepted', async () => {
    await fc.assert(
      fc.asyncProperty(within, async ([at, of]) => {
        const proof = await inclusionProof({ ...tree, size: of }, at - 1);
        expect(hexes(proof)).toEqual(hexes(naivePath(at - 1, hashes.slice(0, of))));
        const root = naiveRoot(hashes.slice(0, of));
        expect(verifyInclusion({ leaf: leaf(at - 1), index: at - 1, size: of, root, proof }, sha256)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('of consistency agree with the definition and are accepted', async () => {
    await fc.assert(
      fc.asyncProperty(within, async ([oldSize, newSize]) => {
        const proof = await consistencyProof({ ...tree, size: newSize }, oldSize);
        expect(hexes(proof)).toEqual(hexes(naiveSubProof(oldSize, hashes.slice(0, newSize), true)));
        const [oldRoot, newRoot] = [naiveRoot(hashes.slice(0, oldSize)), naiveRoot(hashes.slice(0, newSize))];
        expect(verifyConsistency({ oldSize, oldRoot, newSize, newRoot, proof }, sha256)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('are accepted for every place and every pair of sizes of small trees, and for no other place', async () => {
    for (let of = 1; of <= 24; of += 1) {
      const small = { ...tree, size: of };
      const root = naiveRoot(hashes.slice(0, of));
      for (let at = 0; at < of; at += 1) {
        const proof = await inclusionProof(small, at);
        for (let other = 0; other < of; other += 1) expect(verifyInclusion({ leaf: leaf(at), index: other, size: of, root, proof }, sha256)).toBe(other === at);
      }
      for (let old = 0; old <= of; old += 1) {
        const proof = await consistencyProof(small, old);
        const claim = { oldSize: old, oldRoot: naiveRoot(hashes.slice(0, old)), newSize: of, newRoot: root, proof };
        expect(verifyConsistency(claim, sha256), `${old} of ${of}`).toBe(true);
        if (old > 0) expect(verifyConsistency({ ...claim, oldRoot: leaf(99) }, sha256)).toBe(false);
      }
    }
  });

  it('are refused when a hash, a root, a size or the length is another', async () => {
    await fc.assert(
      fc.asyncProperty(within, fc.nat(), fc.nat(31), async ([one, of], which, byte) => {
        const flip = (hash: Uint8Array): Uint8Array => hash.map((value, at) => (at === byte ? value ^ 1 : value));
        const proof = await inclusionProof({ ...tree, size: of }, one - 1);
        const claim = { leaf: leaf(one - 1), index: one - 1, size: of, root: naiveRoot(hashes.slice(0, of)), proof };
        const wrong = [
          { ...claim, leaf: flip(claim.leaf) },
          { ...claim, root: flip(claim.root) },
          { ...claim, proof: [...proof, leaf(0)] },
          ...(proof.length === 0 ? [] : [{ ...claim, proof: proof.slice(1) }, { ...claim, proof: proof.map((hash, at) => (at === which % proof.length ? flip(hash) : hash)) }]),
          { ...claim, index: claim.index + of },
          { ...claim, index: -1 },
          { ...claim, size: Number.NaN },
        ];
        expect(wrong.filter((each) => verifyInclusion(each, sha256))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('of consistency are refused when anything in them is another', async () => {
    await fc.assert(
      fc.asyncProperty(within, fc.nat(), async ([oldSize, newSize], which) => {
        fc.pre(oldSize < newSize);
        const flip = (hash: Uint8Array): Uint8Array => hash.map((value, at) => (at === which % 32 ? value ^ 0x80 : value));
        const proof = await consistencyProof({ ...tree, size: newSize }, oldSize);
        const claim = { oldSize, oldRoot: naiveRoot(hashes.slice(0, oldSize)), newSize, newRoot: naiveRoot(hashes.slice(0, newSize)), proof };
        const wrong = [
          { ...claim, oldRoot: flip(claim.oldRoot) },
          { ...claim, newRoot: flip(claim.newRoot) },
          { ...claim, proof: proof.slice(1) },
          { ...claim, proof: [...proof, leaf(0)] },
          { ...claim, proof: proof.map((hash, at) => (at === which % proof.length ? flip(hash) : hash)) },
          { ...claim, oldSize: newSize, newSize: oldSize },
        ];
        expect(wrong.filter((each) => verifyConsistency(each, sha256))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('are refused to be made for what the tree has not, or from tiles of another width', async () => {
    await expect(inclusionProof({ ...tree, size: 5 }, 5)).rejects.toMatchObject({ code: 'audit_chain.bad_range' });
    await expect(consistencyProof({ ...tree, size: 5 }, 6)).rejects.toMatchObject({ code: 'audit_chain.bad_range' });
    const short = { read: () => new Uint8Array(32) };
    await expect(inclusionProof({ tiles: short, size: 5, sha256 }, 0)).rejects.toMatchObject({ code: 'audit_chain.bad_tile' });
    await expect(inclusionProof({ ...tree, size: 2_000 }, 1_500)).rejects.toMatchObject({ code: 'audit_chain.bad_tile' });
  });
});
