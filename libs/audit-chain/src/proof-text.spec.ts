import { describe, expect, it } from 'vitest';

import { encodeBase64 } from './base64.js';
import { consistencyProofText, inclusionProofText, parseConsistencyProof, parseInclusionProof } from './proof-text.js';

const checkpoint = 'sallyport/acme/s\n3\nroot\n\n\u2014 sallyport/acme/s c2ln\n';
const proof = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
const inclusion = inclusionProofText({ index: 2, proof, checkpoint });
const consistency = consistencyProofText({ oldSize: 1, proof, checkpoint });

describe('an inclusion proof as text', () => {
  it('is a C2SP tlog-proof and reads as it was written, without any hash too', () => {
    expect(inclusion.split('\n').slice(0, 3)).toEqual(['c2sp.org/tlog-proof@v1', 'index 2', encodeBase64(new Uint8Array(32).fill(1))]);
    expect(parseInclusionProof(inclusion)).toEqual({ ok: true, value: { index: 2, proof, checkpoint } });
    expect(parseInclusionProof(inclusionProofText({ index: 0, proof: [], checkpoint }))).toMatchObject({ ok: true, value: { index: 0, proof: [] } });
  });

  it('may have an extra line, which is passed over', () => {
    expect(parseInclusionProof(inclusion.replace('index', 'extra YWJj\nindex'))).toMatchObject({ ok: true, value: { index: 2 } });
  });

  it.each([
    ['of another version', inclusion.replace('@v1', '@v2')],
    ['with a number in another form', inclusion.replace('index 2', 'index 02')],
    ['with no number', inclusion.replace('index 2', 'index ')],
    ['that is one of consistency', inclusion.replace('index', 'old')],
    ['with a hash that is too short', inclusion.replace(encodeBase64(proof[0] ?? new Uint8Array()), 'AQE=')],
    ['with base64 in another form', inclusion.replace('AQE=', 'AQF=')],
    ['without an empty line', inclusion.replaceAll('\n\n', '\n')],
    ['with more hashes than a tree has levels', inclusionProofText({ index: 2, proof: Array.from({ length: 64 }, () => new Uint8Array(32)), checkpoint })],
    ['of nothing', ''],
  ])('is refused %s', (_, text) => expect(parseInclusionProof(text)).toEqual({ ok: false, refusal: 'malformed_proof' }));
});

describe('a consistency proof as text', () => {
  it('reads as it was written', () => expect(parseConsistencyProof(consistency)).toEqual({ ok: true, value: { oldSize: 1, proof, checkpoint } }));

  it('is refused where it is none', () => {
    for (const text of [inclusion, checkpoint, consistency.replace('old 1', 'old -1'), '']) expect(parseConsistencyProof(text).ok).toBe(false);
  });
});
