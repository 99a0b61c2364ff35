import type { SequencedRecord } from '@sallyport/audit';
import { TOPIC, type Publication } from '@sallyport/broker';
import type { RecordMac } from '@sallyport/secrets';
import { authenticatedBytes, encodeRecord, encodeWorkerRecord, encodeWorkerReport, type WorkerRecordPlace, type WorkerReport } from '@sallyport/wire';

/**
 * A worker's report as it is published on `dp.status`, with the MAC that makes it the worker's.
 *
 * @throws {Fault} `wire.unencodable` when a text or a number cannot be kept.
 */
export function reportPublication(mac: RecordMac, report: WorkerReport): Publication {
  return publicationOf(mac, { topic: TOPIC.status, key: report.workerId, workerId: report.workerId }, encodeWorkerReport(report));
}

/**
 * An audit record as it is published on `dp.audit`, under its incarnation, with the MAC that makes it the worker's.
 *
 * @throws {Fault} `wire.unencodable` when a text or a number cannot be kept.
 */
export function auditPublication(mac: RecordMac, workerId: string, record: SequencedRecord): Publication {
  return publicationOf(mac, { topic: TOPIC.audit, key: record.incarnation, workerId }, encodeRecord(record));
}

function publicationOf(mac: RecordMac, place: WorkerRecordPlace, body: Uint8Array): Publication {
  const { topic, key, workerId } = place;
  return { topic, key, value: encodeWorkerRecord({ workerId, body, mac: mac.tag(authenticatedBytes(place, body)) }) };
}
