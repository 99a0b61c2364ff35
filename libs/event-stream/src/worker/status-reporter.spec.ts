import { deploymentTopics, MemoryBroker, MemoryCluster, TOPIC } from '@sallyport/broker';
import { newOrganisationId } from '@sallyport/event-log/testing';
import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';
import { OrganisationFold } from '@sallyport/organisation-state';
import { decodeWorkerRecord, decodeWorkerReport, stateHash, type WorkerReport } from '@sallyport/wire';
import { beforeEach, describe, expect, it } from 'vitest';

import { TestMac } from '../testing/test-mac.js';
import { WorkerRecordGate } from '../worker-records/worker-record-gate.js';
import { REPORT_MS, type ReportedOrganisation, type ReportedWorker, StatusReporter } from './status-reporter.js';

class TestWorker implements ReportedWorker {
  readonly known = new Map<OrganisationId, ReportedOrganisation>();
  private readonly listeners = new Set<(organisationId: OrganisationId) => void>();

  state: WorkerReport['state'] = 'ready';

  standing() {
    return { state: this.state, stampAgeMs: 7 };
  }

  organisations() {
    return this.known;
  }

  onApplied(listener: (organisationId: OrganisationId) => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  apply(organisationId: OrganisationId, at: number, refusal: ReportedOrganisation['refusal'] = null): void {
    const revision = branded<Revision>(at);
    const state = Object.assign(new OrganisationFold(organisationId), { revision });
    this.known.set(organisationId, { revision, state, refusal });
    for (const listener of this.listeners) listener(organisationId);
  }
}

describe('what a worker says of itself', () => {
  const acme = newOrganisationId();
  let cluster: MemoryCluster;
  let scheduler: ManualScheduler;
  let worker: TestWorker;
  let faults: string[];
  const clock = new FakeClock();

  beforeEach(() => {
    cluster = new MemoryCluster();
    for (const topic of deploymentTopics(1)) cluster.ensureTopic(topic);
    scheduler = new ManualScheduler();
    worker = new TestWorker();
    faults = [];
  });

  const report = () =>
    new StatusReporter({
      broker: new MemoryBroker(cluster), mac: new TestMac(), workerId: 'worker-1', incarnation: '01930000-0000-7000-8000-0000000000f1', worker, clock, scheduler,
      stream: { position: 9, refused: new Map([['stream.bad_signature', 2]]) }, onFault: (fault) => void faults.push(fault.code),
    });
  const reports = (): readonly WorkerReport[] => cluster.records(TOPIC.status).map(({ value }) => decodeWorkerReport(decodeWorkerRecord(value ?? new Uint8Array()).body));
  const settle = async () => {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  };

  it('is said at the start and every other second, under the worker’s own key and with its MAC, numbered', async () => {
    report();
    await settle();
    for (let beat = 0; beat < 3; beat += 1) {
      scheduler.advance(REPORT_MS);
      await settle();
    }
    expect(reports().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    const gate = new WorkerRecordGate({ mac: new TestMac() });
    for (const record of cluster.records(TOPIC.status)) expect([record.key, gate.open(record)?.workerId]).toEqual(['worker-1', 'worker-1']);
    expect(reports()[0]).toMatchObject({ state: 'ready', stampAgeMs: 7, position: 9, nacks: [], refusedRecords: [{ code: 'stream.bad_signature', count: 2 }] });
  });

  it('says within a second that the worker is not as it said, and as soon again what could not be published', async () => {
    const afterASecond = async (): Promise<readonly (readonly [number, string])[]> => {
      scheduler.advance(REPORT_MS / 2);
      await settle();
      return reports().map(({ sequence, state }) => [sequence, state]);
    };
    report();
    await settle();
    expect(await afterASecond()).toEqual([[1, 'ready']]);
    expect(await afterASecond()).toEqual([[1, 'ready'], [2, 'ready']]);
    worker.state = 'stale';
    expect((await afterASecond()).at(-1)).toEqual([3, 'stale']);
    cluster.setReachable(false);
    worker.state = 'ready';
    await afterASecond();
    cluster.setReachable(true);
    expect((await afterASecond()).slice(2)).toEqual([[3, 'stale'], [5, 'ready']]);
  });

  it('says at once what was applied, with the hash of the state', async () => {
    report();
    await settle();
    worker.apply(acme, 4);
    await settle();
    const hash = stateHash(worker.known.get(acme)?.state ?? new Uint8Array());
    expect(reports().at(-1)?.applied).toEqual([{ organisationId: acme, revision: 4, stateHash: hash }]);
  });

  it('says in one report what was applied in one step, and no revision before everybody has heard of it', async () => {
    report();
    await settle();
    const others = Array.from({ length: 5 }, newOrganisationId);
    for (const [at, id] of others.entries()) worker.apply(id, at + 1);
    expect(reports()).toHaveLength(1);
    await settle();
    expect(reports()).toHaveLength(2);
    expect(reports()[1]?.applied.map(({ organisationId, revision }) => [organisationId, revision])).toEqual(others.map((id, at) => [id, at + 1]));
  });

  it('names every organisation that it refuses, each time', async () => {
    report();
    await settle();
    worker.apply(acme, 4, { code: 'state.unknown_fact', revision: branded<Revision>(5) });
    await settle();
    scheduler.advance(REPORT_MS);
    await settle();
    for (const { nacks } of reports().slice(1)) expect(nacks).toEqual([{ organisationId: acme, revision: 5, code: 'state.unknown_fact' }]);
  });

  it('is bounded: many organisations come over several reports, and each comes round again', async () => {
    const many = Array.from({ length: 4_500 }, newOrganisationId);
    for (const id of many) worker.apply(id, 1);
    report();
    await settle();
    expect(reports().map(({ applied }) => applied.length)).toSatisfy((lengths: readonly number[]) => lengths.every((length) => length <= 2_100));
    expect(new Set(reports().flatMap(({ applied }) => applied.map(({ organisationId }) => organisationId))).size).toBe(4_500);
    const before = reports().length;
    for (let beat = 0; beat < 100; beat += 1) {
      scheduler.advance(REPORT_MS);
      await settle();
    }
    expect(new Set(reports().slice(before).flatMap(({ applied }) => applied.map(({ organisationId }) => organisationId))).size).toBe(4_500);
    for (const { applied } of reports()) expect(applied.filter(({ stateHash: made }) => made !== null).length).toBeLessThan(2_100);
  });

  it('says again what could not be published, and that it ends', async () => {
    const reporter = report();
    await settle();
    cluster.setReachable(false);
    worker.apply(acme, 4);
    await settle();
    expect(faults).toEqual(['broker.unreachable']);
    cluster.setReachable(true);
    scheduler.advance(REPORT_MS);
    await settle();
    expect(reports().at(-1)?.applied).toMatchObject([{ organisationId: acme, revision: 4 }]);
    await reporter.close();
    expect(reports().at(-1)?.state).toBe('stopped');
    scheduler.advance(10 * REPORT_MS);
    worker.apply(acme, 5);
    await settle();
    expect(reports().at(-1)?.state).toBe('stopped');
  });
});
