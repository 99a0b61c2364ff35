import { readFileSync } from 'node:fs';

import { isFault } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { authenticatedBytes, decodeWorkerRecord, encodeWorkerRecord } from './worker-record.js';

const golden = (file: string): Buffer => readFileSync(new URL(`../golden/worker/${file}`, import.meta.url));
const revive = (_key: string, value: unknown): unknown => (typeof value === 'object' && value !== null && '$hex' in value ? new Uint8Array(Buffer.from(String(value.$hex), 'hex')) : value);
const example = JSON.parse(golden('record.json').toString('utf8'), revive) as ReturnType<typeof decodeWorkerRecord>;
const stored = new Uint8Array(golden('record.binpb'));

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (caught) {
    return isFault(caught) ? caught.code : 'no fault';
  }
  return 'nothing thrown';
}

describe('a worker’s record', () => {
  it('reads and writes the golden one as it was [log/golden]', () => {
    expect(decodeWorkerRecord(stored)).toEqual(example);
    expect(Buffer.from(encodeWorkerRecord(example)).equals(stored)).toBe(true);
  });

  it('is refused torn, or with more than is understood', () => {
    expect(codeOf(() => decodeWorkerRecord(stored.subarray(0, -1)))).toBe('wire.undecodable');
    expect(codeOf(() => decodeWorkerRecord(Buffer.concat([stored, Uint8Array.of(0xd2, 0x05, 0x01, 0x78)])))).toBe('wire.undecodable');
  });

  it('is not written with a name that would not read back', () => {
    expect(codeOf(() => encodeWorkerRecord({ ...example, workerId: '\ud800' }))).toBe('wire.unencodable');
  });

  it('is vouched for over its purpose, topic, key, worker and body', () => {
    expect(Buffer.from(authenticatedBytes({ topic: 't', key: 'k', workerId: 'w' }, Buffer.from('x'))).toString()).toBe('["sallyport/worker-record/1","t","k","w"]\nx');
  });

  it('is vouched for over other bytes wherever one of them differs, however names are cut', () => {
    const places = [
      { topic: 't', key: 'k', workerId: 'w' },
      { topic: 't', key: 'k","w', workerId: '' },
      { topic: 't', key: 'k\n', workerId: 'w' },
      { topic: 'tk', key: '', workerId: 'w' },
      { topic: 't', key: 'k', workerId: 'w"]\n' },
    ];
    expect(new Set(places.map((place) => Buffer.from(authenticatedBytes(place, Buffer.from('x'))).toString())).size).toBe(places.length);
  });
});
