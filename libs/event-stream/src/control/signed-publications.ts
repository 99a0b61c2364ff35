import { splitPublication, TOPIC, type Publication } from '@sallyport/broker';
import type { EpochMs } from '@sallyport/kernel';
import type { RecordSigner } from '@sallyport/secrets';
import { encodeSignedRecord, encodeStreamBody, recordKeyOf, signedBytes, type KeyAnnouncement, type StreamBody } from '@sallyport/wire';

/** Topics on which everything carries the control plane's signature. */
export type SignedTopic = typeof TOPIC.events | typeof TOPIC.snapshots;

/**
 * A body as the records that carry it: signed, under its own key, in chunks where it is large.
 *
 * @param earlierCount How many records the key's earlier value took, on a compacted topic.
 */
export function signedPublications(signer: RecordSigner, topic: SignedTopic, body: StreamBody, earlierCount = 1): readonly Publication[] {
  const bytes = encodeStreamBody(body);
  const signature = signer.sign(signedBytes(signer.keyId, bytes));
  const value = encodeSignedRecord({ keyId: signer.keyId, body: bytes, signature });
  return splitPublication({ topic, key: recordKeyOf(body), value }, earlierCount);
}

/** A new key of the control plane, announced on both topics by the key that workers trust already. */
export function keyAnnouncements(announced: Pick<RecordSigner, 'keyId' | 'publicKey'>, by: RecordSigner, at: EpochMs): readonly Publication[] {
  const { keyId, publicKey } = announced;
  const body: KeyAnnouncement = { kind: 'key', keyId, publicKey, announcedAt: at };
  return [TOPIC.snapshots, TOPIC.events].flatMap((topic) => [...signedPublications(by, topic, body)]);
}
