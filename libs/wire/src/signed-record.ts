import { create, fromBinary, toBinary } from '@bufbuild/protobuf';

import { readable } from './event-codec.js';
import { SignedRecordSchema } from './generated/sallyport/stream/v1/signed_record_pb.js';
import { wireFault } from './wire-faults.js';

/** A body and the control plane's word for it, as published on `cp.events` and `cp.snapshots`. */
export interface SignedRecord {
  /** Which key signed. */
  readonly keyId: string;
  /** The exact bytes that `encodeStreamBody` gave. */
  readonly body: Uint8Array;
  /** Ed25519 over `signedBytes(keyId, body)`, 64 bytes. */
  readonly signature: Uint8Array;
}

const PURPOSE = 'sallyport/stream/1';

/** What the signature of a record is over: purpose, key id and body, each on its own line. So a signature says nothing anywhere else. */
export function signedBytes(keyId: string, body: Uint8Array): Uint8Array {
  return signedBytesIn(new Uint8Array(signedLength(keyId, body)), keyId, body);
}

/** How many bytes `signedBytes` has. */
export function signedLength(keyId: string, body: Uint8Array): number {
  return Buffer.byteLength(PURPOSE) + Buffer.byteLength(keyId) + 2 + body.length;
}

/**
 * `signedBytes`, written at the beginning of a buffer that the caller uses again and again.
 *
 * @param into At least `signedLength` bytes.
 */
export function signedBytesIn(into: Uint8Array, keyId: string, body: Uint8Array): Uint8Array {
  const head = Buffer.from(`${PURPOSE}\n${keyId}\n`, 'utf8');
  into.set(head);
  into.set(body, head.length);
  return into.subarray(0, head.length + body.length);
}

/** A record as it is published: the protobuf `sallyport.stream.v1.SignedRecord`. */
export function encodeSignedRecord(record: SignedRecord): Uint8Array {
  return toBinary(SignedRecordSchema, create(SignedRecordSchema, record));
}

/**
 * The way back. Says nothing of the signature: that is the verifier's.
 *
 * @throws {Fault} `wire.undecodable` for bytes that are no such record, and for one that says more than is understood.
 */
export function decodeSignedRecord(bytes: Uint8Array): SignedRecord {
  const { keyId, body, signature, $unknown } = readable(() => fromBinary(SignedRecordSchema, bytes));
  if ($unknown !== undefined && $unknown.length > 0) throw wireFault.undecodable('a signed record has a field this version does not know');
  return { keyId, body, signature };
}
