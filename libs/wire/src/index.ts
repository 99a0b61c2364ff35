export { decodeEvent, encodeEvent, eventFromJson, eventToJson } from './event-codec.js';
export type { FactName } from './fact-fields.js';
export { FACT_FIELDS, nameText } from './fact-fields.js';
export { decodeRecord, encodeRecord, recordFromJson, recordToJson } from './record-codec.js';
export { wireFault } from './wire-faults.js';
export type { AppliedRevision, Nack, RefusedRecords, WorkerReport } from './worker-report.js';
export { decodeWorkerReport, encodeWorkerReport } from './worker-report.js';
