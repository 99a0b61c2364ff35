import { ChunkAssembler, TOPIC, type BrokerRecord } from '@sallyport/broker';
import { type Clock, type Fault, isFault } from '@sallyport/kernel';
import type { TrustedKeys } from '@sallyport/secrets';
import { decodeSignedRecord, decodeStreamBody, recordKeyOf, signedBytesIn, signedLength, stateHash, type StreamBody } from '@sallyport/wire';

import { streamFault } from './stream-faults.js';

/** A whole record of a signed topic, not looked at yet. */
export interface WholeRecord {
  readonly topic: string;
  readonly key: string | null;
  readonly value: Uint8Array;
}

/** What the gate is made of. */
export interface RecordGateParts {
  /** Announced keys are added to these. */
  readonly keys: TrustedKeys;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Told of refused records, for the log: the first of each reason, and later ones at most every 10 s of each. */
  readonly onFault: (fault: Fault) => void;
}

/** The key of records that only say how far the stream is; a reader who catches up needs the newest alone. */
export const STAMP_KEY = '_stamp';

const TELL_EVERY_MS = 10_000;
const SCRATCH_BYTES = 64 * 1024;

const KINDS_OF: Readonly<Record<string, readonly StreamBody['kind'][]>> = {
  [TOPIC.events]: ['event', 'stamp', 'key'],
  [TOPIC.snapshots]: ['snapshot', 'frontier', 'key'],
};

/**
 * Lets in what the control plane signed, for the place where it stands: `record → whole → signature → body → own key and topic`.
 * Everything else is dropped and counted; nothing of it is looked at further. So who can write to the broker can say nothing here.
 */
export class RecordGate {
  private readonly counts = new Map<string, number>();
  private readonly scratch = new Uint8Array(SCRATCH_BYTES);
  private readonly toldAtMs = new Map<string, number>();

  constructor(private readonly parts: RecordGateParts) {}

  /** How many records were refused since the start, by reason. */
  get refused(): ReadonlyMap<string, number> {
    return this.counts;
  }

  /** The record whole, once its last chunk came; `null` until then, and for what has no value. */
  whole(record: BrokerRecord, assembler: ChunkAssembler): WholeRecord | null {
    const assembled = assembler.accept(record);
    if (assembled === null) return null;
    const { topic, key, value } = assembled;
    if (value !== null) return { topic, key, value };
    this.refuse(streamFault.unsigned(`${topic}: the record of ${key} was taken away`));
    return null;
  }

  /** What a record says; `null` when it is refused. A key that it announces is trusted from here on. */
  open(record: WholeRecord): StreamBody | null {
    try {
      return this.verified(record);
    } catch (caught) {
      if (isFault(caught, 'wire.undecodable')) this.refuse(streamFault.unreadable_record(`${record.topic}: a record of ${record.key} is no signed record that this version knows`, {}, caught));
      else if (isFault(caught)) this.refuse(caught);
      else throw caught;
      return null;
    }
  }

  private verified(record: WholeRecord): StreamBody {
    const { keyId, body, signature } = decodeSignedRecord(record.value);
    const { keys } = this.parts;
    if (!keys.knows(keyId)) throw streamFault.unknown_key(`${record.topic}: a record of ${record.key} is signed with key ${JSON.stringify(keyId.slice(0, 40))}, which is not trusted`);
    if (!keys.verify(keyId, this.signedBytes(keyId, body), signature)) throw streamFault.bad_signature(`${record.topic}: a record of ${record.key} does not bear its signature`);
    const read = decodeStreamBody(body);
    this.assertPlace(record, read);
    return read;
  }

  /** A worker that starts verifies tens of thousands of records: one buffer serves all but the largest. */
  private signedBytes(keyId: string, body: Uint8Array): Uint8Array {
    const length = signedLength(keyId, body);
    return signedBytesIn(length <= this.scratch.length ? this.scratch : new Uint8Array(length), keyId, body);
  }

  private assertPlace({ topic, key }: WholeRecord, body: StreamBody): void {
    if (KINDS_OF[topic]?.includes(body.kind) !== true) throw streamFault.misplaced(`${topic}: a ${body.kind} does not belong here`);
    if (recordKeyOf(body) !== key) throw streamFault.misplaced(`${topic}: a ${body.kind} of ${recordKeyOf(body)} stands under ${key}`);
    if (body.kind === 'snapshot' && stateHash(body.state) !== body.stateHash) throw streamFault.misplaced(`${topic}: a snapshot of ${key} is not what its hash says`);
    if (body.kind === 'key' && !this.parts.keys.admit(body.keyId, body.publicKey)) throw streamFault.bad_key(`${topic}: a key was announced as ${body.keyId}, which is not its id`);
  }

  private refuse(fault: Fault): void {
    this.counts.set(fault.code, (this.counts.get(fault.code) ?? 0) + 1);
    const nowMs = this.parts.clock.monotonicMs();
    if (nowMs - (this.toldAtMs.get(fault.code) ?? -Infinity) < TELL_EVERY_MS) return;
    this.toldAtMs.set(fault.code, nowMs);
    this.parts.onFault(fault);
  }
}
