import { create, fromBinary, toBinary } from '@bufbuild/protobuf';

import { readable } from './event-codec.js';
import { WorkerRecordSchema } from './generated/sallyport/stream/v1/worker_record_pb.js';
import { wireFault } from './wire-faults.js';

/** A body and its worker's word for it, as published on `dp.status` and `dp.audit`. */
export interface WorkerRecord {
  /** The worker that published it. */
  readonly workerId: string;
  /** The exact bytes that `encodeWorkerReport` or `encodeRecord` gave. */
  readonly body: Uint8Array;
  /** HMAC-SHA-256 over `authenticatedBytes`, 32 bytes; empty where there is none. */
  readonly mac: Uint8Array;
}

/** Where a record of a worker stands. */
export interface WorkerRecordPlace {
  /** Ours, without a deployment's prefix. */
  readonly topic: string;
  readonly key: string;
  readonly workerId: string;
}

const PURPOSE = 'sallyport/worker-record/1';

/** What the MAC of a record is over: purpose, topic, key and worker as a JSON array, then the body on the next line. So it holds nowhere else. */
export function authenticatedBytes({ topic, key, workerId }: WorkerRecordPlace, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify([PURPOSE, topic, key, workerId])}\n`, 'utf8'), body]);
}

/**
 * A record as it is published: the protobuf `sallyport.stream.v1.WorkerRecord`.
 *
 * @throws {Fault} `wire.unencodable` when the worker's id cannot be kept.
 */
export function encodeWorkerRecord(record: WorkerRecord): Uint8Array {
  if (/\p{Surrogate}/u.test(record.workerId)) throw wireFault.unencodable('a worker’s id is not well-formed text');
  return toBinary(WorkerRecordSchema, create(WorkerRecordSchema, record));
}

/**
 * The way back. Says nothing of the MAC: whoever holds the key does.
 *
 * @throws {Fault} `wire.undecodable` for bytes that are no such record, and for one that says more than is understood.
 */
export function decodeWorkerRecord(bytes: Uint8Array): WorkerRecord {
  const { workerId, body, mac, $unknown } = readable(() => fromBinary(WorkerRecordSchema, bytes));
  if ($unknown !== undefined && $unknown.length > 0) throw wireFault.undecodable('a worker’s record has a field this version does not know');
  return { workerId, body, mac };
}
