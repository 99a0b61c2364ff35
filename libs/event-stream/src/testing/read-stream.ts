import { ChunkAssembler, type MemoryCluster } from '@sallyport/broker';
import type { RecordVerifier } from '@sallyport/secrets';
import { decodeSignedRecord, decodeStreamBody, recordKeyOf, signedBytes, type StreamBody } from '@sallyport/wire';

/**
 * Every body on a signed topic, in order.
 *
 * @throws when one is not signed by the key, or does not stand under its own.
 */
export function readStream(cluster: MemoryCluster, topic: string, verifier: RecordVerifier): readonly StreamBody[] {
  const assembler = new ChunkAssembler();
  return cluster.records(topic).flatMap((record) => {
    const whole = assembler.accept(record);
    if (whole === null || whole.value === null) return [];
    const { keyId, body, signature } = decodeSignedRecord(whole.value);
    if (!verifier.verify(keyId, signedBytes(keyId, body), signature)) throw new Error('a record that the key did not sign');
    const read = decodeStreamBody(body);
    if (recordKeyOf(read) !== whole.key) throw new Error('a record under another key than its own');
    return [read];
  });
}

/** What a stream promises its readers, checked over all of it. */
export interface StreamCheck {
  /** The newest position up to which every one is there. */
  readonly applied: number;
  /** Positions in the order in which they are applied the first time. */
  readonly order: readonly string[];
  /** How many events came again. */
  readonly repeated: number;
  /** What a reader would have to call a broken promise. */
  readonly broken: readonly string[];
}

/** Reads as a worker does: A + 1 is applied, what is at or below A dropped, and a stamp must not speak of what has not come. */
export function checkStream(bodies: readonly StreamBody[]): StreamCheck {
  const order: string[] = [];
  const contents = new Map<number, string>();
  const broken: string[] = [];
  let [applied, repeated] = [0, 0];
  for (const body of bodies) {
    if (body.kind === 'stamp' && body.position > applied) broken.push(`a stamp covers ${body.position}, and ${applied} had come`);
    if (body.kind !== 'event') continue;
    const content = `${body.organisationId}/${body.revision}`;
    if (body.position === applied + 1) {
      applied += 1;
      order.push(content);
      contents.set(applied, content);
    } else if (body.position > applied) {
      broken.push(`position ${body.position} came after ${applied}`);
    } else {
      repeated += 1;
      if (contents.get(body.position) !== content) broken.push(`position ${body.position} came again with other contents`);
    }
  }
  return { applied, order, repeated, broken };
}
