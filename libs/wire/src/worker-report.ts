import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { OrganisationId, Revision, Sha256Hex } from '@sallyport/kernel';

import { dataToMessage } from './data-to-message.js';
import { readable } from './event-codec.js';
import { WorkerReportSchema } from './generated/sallyport/stream/v1/status_pb.js';
import { messageToData } from './message-to-data.js';

/** How far a worker is with one organisation. */
export interface AppliedRevision {
  readonly organisationId: OrganisationId;
  /** The newest revision it has applied. */
  readonly revision: Revision;
  /** Of the folded state at that revision; null when it was not computed. */
  readonly stateHash: Sha256Hex | null;
}

/** An event a worker cannot apply; it refuses every call of that organisation until it can. */
export interface Nack {
  readonly organisationId: OrganisationId;
  /** The revision that cannot be applied; 0 where it could not be read. */
  readonly revision: Revision;
  /** Stable code of the reason: `wire.undecodable`. */
  readonly code: string;
}

/** Records a worker would not take since its start, for one reason. */
export interface RefusedRecords {
  /** Stable code of the reason: `stream.bad_signature`. */
  readonly code: string;
  readonly count: number;
}

/** What one worker says of itself on `dp.status`. */
export interface WorkerReport {
  /** The record's key. */
  readonly workerId: string;
  /** One per start of a worker, UUIDv7. What an earlier one said of revisions does not hold for a later one. */
  readonly incarnation: string;
  /** 1, 2, 3 in this incarnation; the newest counts. */
  readonly sequence: number;
  readonly state: 'starting' | 'ready' | 'stale' | 'stopped';
  /** Age of the newest stamp, milliseconds; null before the first. */
  readonly stampAgeMs: number | null;
  /** Newest position of the stream up to which it has seen every one; 0 before the first. */
  readonly position: number;
  /** What changed since the last report, and some of the rest in turn: a reader who starts late learns all within a bounded number of reports. */
  readonly applied: readonly AppliedRevision[];
  /** Every organisation it refuses now. */
  readonly nacks: readonly Nack[];
  /** Counts since the start, by reason. */
  readonly refusedRecords: readonly RefusedRecords[];
}

/**
 * A worker's report as it travels: the protobuf `sallyport.stream.v1.WorkerReport`. Equal reports give equal bytes.
 *
 * @throws {Fault} `wire.unencodable` when a text or a number cannot be kept.
 */
export function encodeWorkerReport(report: WorkerReport): Uint8Array {
  return toBinary(WorkerReportSchema, create(WorkerReportSchema, dataToMessage(WorkerReportSchema, report)));
}

/**
 * The way back.
 *
 * @throws {Fault} `wire.undecodable` for bytes that are no report, and for a field or word this version does not know.
 */
export function decodeWorkerReport(bytes: Uint8Array): WorkerReport {
  const message = readable(() => fromBinary(WorkerReportSchema, bytes));
  return messageToData(WorkerReportSchema, message) as unknown as WorkerReport;
}
