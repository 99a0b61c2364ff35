import { branded, type OrganisationId, type Revision, type Sha256Hex } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeWorkerReport, encodeWorkerReport, type WorkerReport } from './worker-report.js';

const report: WorkerReport = {
  workerId: 'worker-1',
  incarnation: '01990000-0000-7000-8000-000000000001',
  sequence: 7,
  state: 'ready',
  stampAgeMs: 212.5,
  position: 90_000,
  applied: [
    { organisationId: branded<OrganisationId>('01990000-0000-7000-8000-0000000000aa'), revision: branded<Revision>(12), stateHash: branded<Sha256Hex>('a'.repeat(64)) },
    { organisationId: branded<OrganisationId>('01990000-0000-7000-8000-0000000000bb'), revision: branded<Revision>(3), stateHash: null },
  ],
  nacks: [{ organisationId: branded<OrganisationId>('01990000-0000-7000-8000-0000000000cc'), revision: branded<Revision>(4), code: 'wire.undecodable' }],
  refusedRecords: [{ code: 'stream.bad_signature', count: 2 }],
};

describe('a worker’s report', () => {
  it('reads back as it was written', () => {
    expect(decodeWorkerReport(encodeWorkerReport(report))).toEqual(report);
    const first: WorkerReport = { ...report, state: 'starting', stampAgeMs: null, position: 0, applied: [], nacks: [], refusedRecords: [] };
    expect(decodeWorkerReport(encodeWorkerReport(first))).toEqual(first);
  });

  it('is refused when it is not one, whatever the bytes', () => {
    const outcome = (bytes: Uint8Array): string => {
      try {
        decodeWorkerReport(bytes);
        return 'decoded';
      } catch (caught) {
        return String(Reflect.get(caught as object, 'code'));
      }
    };
    expect(outcome(new Uint8Array())).toBe('wire.undecodable');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => ['decoded', 'wire.undecodable'].includes(outcome(bytes))));
  });

  it('says all of 1,000 organisations in less than 150 kB', () => {
    const [one] = report.applied;
    if (one === undefined) throw new Error('no organisation');
    const applied = Array.from({ length: 1_000 }, () => one);
    expect(encodeWorkerReport({ ...report, applied }).length).toBeLessThan(150_000);
  });
});
