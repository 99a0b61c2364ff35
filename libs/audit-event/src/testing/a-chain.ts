import type { AuditFact } from '../audit-event.js';
import { genesisHash } from '../genesis-hash.js';
import { microTime } from '../micro-time.js';
import { sealEvent } from '../seal-event.js';
import type { StoredEvent } from '../stored-event.js';
import { AN_ORGANISATION, aFact } from './a-fact.js';
import { nodeSha256 } from './node-sha256.js';

/** What a chain of a test can be told. */
export interface ChainWish {
  readonly stream?: string;
  /** The key that the stream starts with. */
  readonly keyId?: string;
  /** The fact at each place, from 1. */
  readonly factAt?: (seq: number) => AuditFact;
  /** Goes on after this event instead of starting the stream. */
  readonly after?: Pick<StoredEvent, 'seq' | 'hash'>;
}

/** The next `n` events of a stream, each chained to the one before. The same wish gives the same events. */
export function aChain(n: number, wish: ChainWish = {}): readonly StoredEvent[] {
  const { stream = AN_ORGANISATION, keyId = 'key-1', factAt = (seq) => aFact({}, seq), after } = wish;
  const chain: StoredEvent[] = [];
  let prevHash = after?.hash ?? genesisHash(stream, keyId, nodeSha256);
  const first = (after?.seq ?? 0) + 1;
  for (let seq = first; seq < first + n; seq += 1) {
    const stored = sealEvent(factAt(seq), { stream, seq, observedTime: microTime(1_763_715_600_500 + seq), prevHash, keyEpoch: 1 }, nodeSha256);
    chain.push(stored);
    prevHash = stored.hash;
  }
  return chain;
}
