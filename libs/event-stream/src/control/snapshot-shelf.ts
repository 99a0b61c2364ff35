import { CHUNK_BYTES, ChunkAssembler, type BrokerRecord } from '@sallyport/broker';
import { isFault, type OrganisationId, type Revision } from '@sallyport/kernel';
import type { RecordVerifier } from '@sallyport/secrets';
import { decodeSignedRecord, decodeStreamBody, recordKeyOf, signedBytes, stateHash, type FrontierRecord, type StreamBody } from '@sallyport/wire';

/** The key under which the frontier is kept. */
const FRONTIER_KEY = '_frontier';

/** A snapshot as it stands on its topic. */
export interface ShelvedSnapshot {
  readonly revision: Revision;
  /** The bytes that `encodeState` gave. */
  readonly state: Uint8Array;
}

/**
 * What `cp.snapshots` comes to, record by record: of each key the newest, and only what this deployment's key signed. So it says
 * what a worker would find, also when somebody else wrote there: an earlier relay that was held up, or a stranger.
 */
export class SnapshotShelf {
  private readonly snapshots = new Map<string, ShelvedSnapshot>();
  private readonly counts = new Map<string, number>();
  private readonly assembler = new ChunkAssembler();
  private readonly best = new Map<string, number>();
  private readonly needy = new Set<string>();
  private newestFrontier: FrontierRecord | undefined;

  constructor(private readonly verifier: RecordVerifier) {}

  /** The frontier that stands; `undefined` when there is none, or what stands is not ours. */
  get frontier(): FrontierRecord | undefined {
    return this.newestFrontier;
  }

  /** Keys whose newest record is older than one before it, gone, or not ours. */
  get spoiled(): ReadonlySet<string> {
    return this.needy;
  }

  /** An organisation's snapshot. */
  snapshotOf(organisationId: OrganisationId): ShelvedSnapshot | undefined {
    return this.snapshots.get(organisationId);
  }

  /** How many records the key's newest value took: those that its next value has to replace. */
  recordCount(key: string): number {
    return this.counts.get(key) ?? 1;
  }

  /** Takes the topic's next records. */
  accept(records: readonly BrokerRecord[]): void {
    for (const record of records) {
      const whole = this.assembler.accept(record);
      if (whole?.key !== null && whole !== null) this.put(whole.key, whole.value);
    }
  }

  private put(key: string, value: Uint8Array | null): void {
    const body = value === null ? undefined : this.bodyOf(key, value);
    if (body === undefined) return this.lose(key);
    this.counts.set(key, Math.max(1, Math.ceil((value?.length ?? 0) / CHUNK_BYTES)));
    if (body.kind === 'snapshot') {
      this.snapshots.set(key, { revision: body.revision, state: body.state });
      this.compare(key, body.revision);
    } else if (body.kind === 'frontier') {
      this.newestFrontier = body;
      this.compare(key, body.position);
    }
  }

  private lose(key: string): void {
    this.snapshots.delete(key);
    if (key === FRONTIER_KEY) this.newestFrontier = undefined;
    if (this.best.has(key)) this.needy.add(key);
  }

  private compare(key: string, place: number): void {
    const best = this.best.get(key) ?? 0;
    if (place < best) this.needy.add(key);
    else this.needy.delete(key);
    this.best.set(key, Math.max(best, place));
  }

  /** Forgets how far the log was: it was put back to an earlier time. */
  rewind(): void {
    this.best.clear();
    this.needy.clear();
  }

  private bodyOf(key: string, value: Uint8Array): StreamBody | undefined {
    try {
      const { keyId, body, signature } = decodeSignedRecord(value);
      if (!this.verifier.verify(keyId, signedBytes(keyId, body), signature)) return undefined;
      const read = decodeStreamBody(body);
      if (recordKeyOf(read) !== key) return undefined;
      return read.kind === 'snapshot' && stateHash(read.state) !== read.stateHash ? undefined : read;
    } catch (caught) {
      if (isFault(caught, 'wire.undecodable')) return undefined;
      throw caught;
    }
  }
}
