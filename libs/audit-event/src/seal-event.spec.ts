import { canonicalJson, type JsonObject } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { genesisHash } from './genesis-hash.js';
import { sealEvent } from './seal-event.js';
import { aChain, aFact, AN_ORGANISATION, nodeSha256 } from './testing/index.js';

const place = { stream: AN_ORGANISATION, seq: 1, observedTime: '2026-11-21T09:00:00.000500Z', prevHash: '00'.repeat(32), keyEpoch: 1 };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const parsed = (line: string) => JSON.parse(line) as JsonObject & { readonly integrity: JsonObject };

describe('a sealed event', () => {
  it('is its own RFC 8785 text', () => {
    const { line } = sealEvent(aFact(), place, nodeSha256);
    expect(line).toBe(canonicalJson(parsed(line)));
  });

  it('holds the fact and its place, and nothing else', () => {
    const fact = aFact();
    const { line, hash } = sealEvent(fact, place, nodeSha256);
    expect(parsed(line)).toEqual({
      ...fact,
      schema: 'sallyport.audit/1',
      stream: AN_ORGANISATION,
      seq: 1,
      observed_time: place.observedTime,
      integrity: { alg: 'sha-256', canon: 'rfc8785', prev_hash: place.prevHash, hash, key_epoch: 1 },
    });
  });

  it('is hashed over a zero byte and its text without the hash', () => {
    const { line, hash } = sealEvent(aFact(), place, nodeSha256);
    const { integrity, ...event } = parsed(line);
    const { hash: _hash, ...others } = integrity;
    expect(hash).toBe(hex(nodeSha256(Uint8Array.of(0), Buffer.from(canonicalJson({ ...event, integrity: others })))));
  });

  it('names the event before it, and the first one the start of its stream', () => {
    const [first, second] = aChain(2).map(({ line }) => parsed(line));
    expect(first?.integrity['prev_hash']).toBe(genesisHash(AN_ORGANISATION, 'key-1', nodeSha256));
    expect(second?.integrity['prev_hash']).toBe(first?.integrity['hash']);
  });
});
