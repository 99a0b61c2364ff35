import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, it } from 'vitest';

import { checkpointText, openCheckpoint } from './checkpoint.js';
import { hexOf, parseHex } from './hex.js';
import { consistencyProof, inclusionProof, rootFromTiles, type TiledTree } from './make-proofs.js';
import { MemoryTiles } from './memory-tiles.js';
import { noteText, openNote, parseNote, signNote } from './signed-note.js';
import { aNoteSigner, nodeSha256 as sha256, nodeVerify as verify } from './testing/node-crypto.js';
import { leafHash } from './tree-hash.js';
import { NOTE_ALGORITHMS, parseVerifierKey, verifierKey, verifierKeyText, type VerifierKey } from './verifier-key.js';
import { verifyConsistency, verifyInclusion } from './verify-proofs.js';

/** What golang.org/x/mod/sumdb wrote: see golden/README.md. */
interface Golden {
  readonly public_key: string;
  readonly vkey: string;
  readonly other_vkey: string;
  readonly checkpoints: readonly { readonly size: number; readonly root: string; readonly note: string; readonly signed_by_both: string }[];
  readonly inclusion: readonly { readonly index: number; readonly size: number; readonly proof: readonly string[] }[];
  readonly consistency: readonly { readonly old: number; readonly size: number; readonly proof: readonly string[] }[];
  readonly tiles: readonly { readonly level: number; readonly index: number; readonly width: number; readonly sha256_of_hashes: string }[];
}

const golden = JSON.parse(readFileSync(new URL('../golden/notes.json', import.meta.url), 'utf8')) as Golden;
const ORIGIN = 'sallyport/golden/0191f0c4-0000-7000-8000-000000000001';
const signer = aNoteSigner(ORIGIN, 1);
const other = aNoteSigner('witness.example/two', 2);
const parts = { sha256, verify };

const keyOf = (text: string): VerifierKey => {
  const read = parseVerifierKey(text, sha256);
  if (!read.ok) throw new Error(read.refusal);
  return read.value;
};

describe('notes beside those of golang.org/x/mod/sumdb', () => {
  it('have the same keys', () => {
    expect(hexOf(signer.publicKey)).toBe(golden.public_key);
    expect(verifierKeyText(verifierKey(ORIGIN, signer.publicKey, sha256))).toBe(golden.vkey);
    expect(verifierKeyText(keyOf(golden.other_vkey))).toBe(golden.other_vkey);
  });

  it.each(golden.checkpoints)('are the same bytes and open: size $size', ({ size, root, note, signed_by_both }) => {
    const checkpoint = { origin: ORIGIN, size, root: parseHex(root) ?? new Uint8Array(0), extensions: [] };
    const text = checkpointText(checkpoint);
    expect(signNote(text, [signer], sha256)).toBe(note);
    expect(signNote(text, [signer, other], sha256)).toBe(signed_by_both);
    for (const written of [note, signed_by_both]) {
      const opened = openCheckpoint(written, [keyOf(golden.vkey)], parts);
      expect(opened.ok && { ...opened.value.checkpoint, root: hexOf(opened.value.checkpoint.root) }).toEqual({ ...checkpoint, root });
    }
  });
});

describe('trees beside those of golang.org/x/mod/sumdb', () => {
  let tree: TiledTree;
  const tiles = new MemoryTiles(sha256);

  beforeAll(() => {
    for (let at = 0; at < 70_000; at += 1) tiles.append(leafHash(Buffer.from(`entry ${at}`), sha256));
    tree = { tiles, size: 70_000, sha256 };
  });

  it('have the same roots', async () => {
    for (const { size, root } of golden.checkpoints) expect(hexOf(await rootFromTiles({ ...tree, size }))).toBe(root);
  });

  it('have the same tiles', () => {
    for (const { level, index, width, sha256_of_hashes } of golden.tiles) expect(hexOf(sha256(tiles.read(level, index, width))), `${level}/${index}`).toBe(sha256_of_hashes);
    expect(golden.tiles.length).toBeGreaterThan(5);
  });

  it('have the same proofs of inclusion', async () => {
    for (const { index, size, proof } of golden.inclusion) {
      expect((await inclusionProof({ ...tree, size }, index)).map(hexOf)).toEqual(proof);
      const claim = { leaf: leafHash(Buffer.from(`entry ${index}`), sha256), index, size, root: await rootFromTiles({ ...tree, size }), proof: proof.map((hash) => parseHex(hash) ?? new Uint8Array(0)) };
      expect(verifyInclusion(claim, sha256)).toBe(true);
    }
  });

  it('have proofs of consistency that pass', async () => {
    for (const { old, size, proof } of golden.consistency) {
      expect((await consistencyProof({ ...tree, size }, old)).map(hexOf)).toEqual(proof);
      const claim = { oldSize: old, oldRoot: await rootFromTiles({ ...tree, size: old }), newSize: size, newRoot: await rootFromTiles(tree.size === size ? tree : { ...tree, size }), proof: proof.map((hash) => parseHex(hash) ?? new Uint8Array(0)) };
      expect(verifyConsistency(claim, sha256)).toBe(true);
    }
  });
});

describe('a note', () => {
  const text = 'sallyport/golden/x\n5\nabc\n';
  const key = verifierKey(signer.name, signer.publicKey, sha256);
  const note = signNote(text, [signer], sha256);
  const opened = (written: string, keys: readonly VerifierKey[] = [key]): string => {
    const result = openNote(written, keys, parts);
    return result.ok ? 'opened' : result.refusal;
  };

  it('reads as it was written', () => {
    const parsed = parseNote(note);
    expect(parsed.ok && noteText(parsed.value)).toBe(note);
    expect(opened(note)).toBe('opened');
  });

  it('is not trusted when a byte of its text or of its signature is another', () => {
    expect(opened(note.replace('\n5\n', '\n6\n'))).toBe('bad_signature');
    const parsed = parseNote(note);
    if (!parsed.ok) throw new Error('the note reads');
    const [line] = parsed.value.signatures;
    if (line === undefined) throw new Error('the note is signed');
    const flipped = { ...line, signature: line.signature.map((byte, at) => (at === 3 ? byte ^ 1 : byte)) };
    expect(opened(noteText({ text, signatures: [flipped] }))).toBe('bad_signature');
    expect(opened(noteText({ text, signatures: [{ ...line, signature: line.signature.slice(1) }] }))).toBe('bad_signature');
    expect(opened(noteText({ text, signatures: [line, flipped] }))).toBe('bad_signature');
  });

  it('needs a known signer, by name and by key', () => {
    expect(opened(note, [])).toBe('no_known_signer');
    expect(opened(note, [verifierKey('another', signer.publicKey, sha256)])).toBe('no_known_signer');
    expect(opened(note, [verifierKey(signer.name, other.publicKey, sha256)])).toBe('no_known_signer');
  });

  it('tells when a witness saw it, and does not take a witness for the log', () => {
    const witness = verifierKey(other.name, other.publicKey, sha256, NOTE_ALGORITHMS.cosignature);
    const seconds = 1_795_000_000;
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(seconds));
    const cosigned = Buffer.concat([time, other.sign(Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`))]);
    const own = parseNote(note);
    if (!own.ok) throw new Error('the note reads');
    const written = noteText({ text, signatures: [...own.value.signatures, { name: witness.name, keyHash: witness.keyHash, signature: cosigned }] });
    expect(opened(written)).toBe('opened');
    const result = openNote(written, [key, witness], parts);
    expect(result.ok && result.value.verified).toEqual([{ key }, { key: witness, cosignedAt: seconds }]);
    expect(opened(written, [witness])).toBe('no_known_signer');
    time.writeBigUInt64BE(BigInt(seconds + 1));
    const later = { name: witness.name, keyHash: witness.keyHash, signature: Buffer.concat([time, cosigned.subarray(8)]) };
    expect(opened(noteText({ text, signatures: [...own.value.signatures, later] }), [key, witness])).toBe('bad_signature');
  });

  it.each([
    ['no line feed at its end', (written: string) => written.slice(0, -1)],
    ['no signature', () => `${text}\n`],
    ['no empty line', (written: string) => written.replace('\n\n', '\n')],
    ['another dash', (written: string) => written.replace('\u2014', '-')],
    ['a carriage return', (written: string) => written.replace('\n', '\r\n')],
    ['a space behind a signature', (written: string) => written.replace(/\n$/, ' \n')],
    ['base64 with unused bits set', (written: string) => written.replace(/([A-Za-z0-9+/])=\n$/, (_, last: string) => `${next(last)}=\n`)],
    ['base64 without padding', (written: string) => written.replace(/=\n$/, '\n')],
    ['half a surrogate pair', (written: string) => `\ud800${written}`],
    ['over a hundred signatures', (written: string) => written + written.slice(text.length + 1).repeat(100)],
  ])('is none with %s', (_, change) => {
    const changed = change(note);
    expect(changed).not.toBe(note);
    expect(opened(changed)).toBe('malformed_note');
  });

  it('is not made of a text or a name that cannot be read back', () => {
    expect(() => signNote('no line feed', [signer], sha256)).toThrow('ends in a line feed');
    expect(() => signNote('a\u0007\n', [signer], sha256)).toThrow('control characters');
    expect(() => signNote(text, [{ ...signer, name: 'two words' }], sha256)).toThrow('white space');
  });
});

/** A letter of base64 whose lowest bit is the other. */
function next(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return alphabet.charAt(alphabet.indexOf(letter) ^ 1);
}

describe('a verifier key', () => {
  it.each([
    ['', 'not_a_verifier_key'],
    ['name+00000000', 'not_a_verifier_key'],
    [golden.vkey.replace('+fb182441+', '+FB182441+'), 'not_a_verifier_key'],
    [`${golden.vkey}=`, 'not_a_verifier_key'],
    [golden.vkey.replace('+fb182441+', '+fb182442+'), 'key_hash_does_not_match'],
    [golden.vkey.replace('sallyport', 'sally port'), 'bad_key_name'],
    [golden.vkey.replace('+AYqI', '+CYqI'), 'unknown_key_algorithm'],
    [golden.vkey.replace('sallyport', 'shipwreck'), 'key_hash_does_not_match'],
  ])('is refused: %s', (text, refusal) => {
    expect(parseVerifierKey(text, sha256)).toEqual({ ok: false, refusal });
  });
});

describe('a checkpoint', () => {
  const root = Buffer.alloc(32, 7).toString('base64');
  const refusalOf = (text: string, name = 'o'): string => {
    const by = aNoteSigner(name);
    const result = openCheckpoint(signNote(text, [by], sha256), [verifierKey(name, by.publicKey, sha256)], parts);
    return result.ok ? 'opened' : result.refusal;
  };

  it('may have further lines', () => {
    expect(refusalOf(`o\n5\n${root}\nmore\n`)).toBe('opened');
  });

  it.each([`o\n05\n${root}\n`, `o\n-1\n${root}\n`, `o\n5\n${root.slice(4)}\n`, 'o\n5\n', `o\n5\n${root}\n\nmore\n`, `o\n9007199254740993\n${root}\n`, `o\n5\n${root.slice(0, -2)}d=\n`])('is none: %j', (text) => {
    expect(refusalOf(text)).toBe('malformed_checkpoint');
  });

  it('is signed by a key of its own origin', () => {
    expect(refusalOf(`o\n5\n${root}\n`, 'another')).toBe('no_known_signer');
  });
});
