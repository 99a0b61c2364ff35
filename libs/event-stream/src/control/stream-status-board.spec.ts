import { deploymentTopics, MemoryBroker, MemoryCluster, TOPIC } from '@sallyport/broker';
import type { Publications } from '@sallyport/event-log';
import { newOrganisationId } from '@sallyport/event-log/testing';
import { branded, type Revision } from '@sallyport/kernel';
import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';
import { authenticatedBytes, decodeWorkerRecord, decodeWorkerReport, encodeWorkerRecord, encodeWorkerReport, type WorkerReport } from '@sallyport/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { TestMac } from '../testing/test-mac.js';
import { REPORT_MS } from '../worker/status-reporter.js';
import { reportPublication } from '../worker-records/worker-publications.js';
import type { RecordRefusal } from '../worker-records/worker-record-gate.js';
import { StreamStatusBoard } from './stream-status-board.js';

const organisation = newOrganisationId();
const revision = (n: number) => branded<Revision>(n);
const incarnation = (n: number) => `01990000-0000-7000-8000-${String(n).padStart(12, '0')}`;

const mac = new TestMac();

describe('the status board', () => {
  let cluster: MemoryCluster;
  let broker: MemoryBroker;
  let clock: FakeClock;
  let scheduler: ManualScheduler;
  let board: StreamStatusBoard;
  let faults: string[];
  let refused: (readonly [string, RecordRefusal])[];
  /** Milliseconds ago that everything was published; null: not yet. */
  let published: number | null;
  let deniesAfterMs: number;
  const sequences = new Map<string, number>();
  beforeEach(async () => {
    clock = new FakeClock();
    cluster = new MemoryCluster(() => clock.now());
    broker = new MemoryBroker(cluster);
    await broker.ensureTopics(deploymentTopics(1));
    scheduler = new ManualScheduler(clock);
    faults = [];
    refused = [];
    published = 0;
    deniesAfterMs = 5_000;
    sequences.clear();
    open();
    await board.caughtUp();
  });
  afterEach(() => board.close());
  const publications: Publications = { whenPublished: async () => published, close: async () => undefined };
  const open = () => {
    board = new StreamStatusBoard({ broker, mac, onRefused: (...one) => void refused.push(one), clock, scheduler, publications, deniesAfterMs: async () => deniesAfterMs, onFault: (fault) => faults.push(fault.code) });
  };
  const report = async (workerId: string, applied: number, change: Partial<WorkerReport> = {}, by = mac) => {
    const start = change.incarnation ?? incarnation(1);
    const sequence = (sequences.get(workerId + start) ?? 0) + 1;
    sequences.set(workerId + start, sequence);
    const said: WorkerReport = {
      workerId, incarnation: start, sequence, state: 'ready', stampAgeMs: 100, position: applied,
      applied: applied === 0 ? [] : [{ organisationId: organisation, revision: revision(applied), stateHash: null }], nacks: [], refusedRecords: [], ...change,
    };
    await broker.publish([reportPublication(by, said)]);
  };
  const settle = async () => {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  };
  const pass = async (ms: number) => {
    scheduler.advance(ms);
    await settle();
  };
  /** A wait whose answer can be looked at before it comes. */
  const wait = (wanted: number, timeoutMs = 15_000) => {
    const seen: { answer?: unknown } = {};
    void board.whenEnforced(organisation, revision(wanted), timeoutMs).then((answer) => (seen.answer = answer));
    return seen;
  };
  const elsewhere = (n: number, name: string) => ({ incarnation: incarnation(n), workerId: name });

  it('answers as soon as every worker has applied the revision', async () => {
    await report('w1', 4);
    await report('w2', 4, { incarnation: incarnation(2) });
    const waiting = wait(5);
    await settle();
    await report('w1', 5);
    await settle();
    expect(waiting.answer).toBeUndefined();
    await report('w2', 5, { incarnation: incarnation(2) });
    await settle();
    expect(waiting.answer).toEqual({ reached: true, outstanding: [] });
  });

  it('names the workers that have not, when it is not to wait', async () => {
    await report('w1', 5);
    await report('w2', 4, elsewhere(2, 'w2'));
    await report('w3', 0, { ...elsewhere(3, 'w3'), state: 'starting' });
    expect(await board.whenEnforced(organisation, revision(5), 0)).toEqual({ reached: false, outstanding: ['w2', 'w3'] });
  });

  it('does not wait for a worker that has said goodbye', async () => {
    await report('w1', 5);
    await report('w2', 4, { ...elsewhere(2, 'w2'), state: 'stopped' });
    expect(await board.whenEnforced(organisation, revision(5), 15_000)).toEqual({ reached: true, outstanding: [] });
  });

  it('counts a silent worker as denying S + skew after the publishing, and not before', async () => {
    await report('w1', 4);
    await pass(20_000);
    const waiting = wait(5);
    await settle();
    await pass(6_900);
    expect(waiting.answer).toBeUndefined();
    await pass(150);
    expect(waiting.answer).toEqual({ reached: true, outstanding: [] });
  });

  it('reckons from the publishing: a revision published long ago is enforced on a silent worker', async () => {
    await report('w1', 4);
    await pass(500);
    published = 6_000;
    expect(await board.whenEnforced(organisation, revision(5), 0)).toEqual({ reached: false, outstanding: ['w1'] });
    published = 60_000;
    expect(await board.whenEnforced(organisation, revision(5), 0)).toEqual({ reached: false, outstanding: ['w1'] });
    await pass(4_000);
    published = 7_000;
    expect(await board.whenEnforced(organisation, revision(5), 0)).toEqual({ reached: true, outstanding: [] });
  });

  it.each([500, REPORT_MS])('takes no worker for denying that says every %i ms that it decides calls', async (everyMs) => {
    await report('w1', 4);
    const waiting = wait(5);
    let ms = 0;
    for (; ms + everyMs < 15_000; ms += everyMs) {
      await pass(everyMs);
      await report('w1', 4);
    }
    expect(waiting.answer).toBeUndefined();
    await pass(15_000 - ms);
    expect(waiting.answer).toEqual({ reached: false, outstanding: ['w1'] });
  });

  it('takes a worker for denying that says it is stale, once the time has come', async () => {
    const waiting = wait(5);
    await settle();
    await report('w1', 4);
    const again = wait(5);
    for (let ms = 0; ms < 7_500; ms += 500) {
      await report('w1', 4, { state: 'stale', stampAgeMs: 6_000 });
      await pass(500);
      if (ms < 6_000) expect(again.answer).toBeUndefined();
    }
    expect(waiting.answer).toEqual({ reached: true, outstanding: [] });
    expect(again.answer).toEqual({ reached: true, outstanding: [] });
  });

  it('waits longer for an organisation that goes on with old state on purpose', async () => {
    deniesAfterMs = 60_000;
    await report('w1', 4);
    const waiting = wait(5);
    await settle();
    await pass(14_900);
    expect(waiting.answer).toBeUndefined();
    await pass(200);
    expect(waiting.answer).toEqual({ reached: false, outstanding: ['w1'] });
  });

  it('enforces nothing that was not published, whatever workers say', async () => {
    published = null;
    await report('w1', 5);
    expect(await board.whenEnforced(organisation, revision(5), 1_000)).toEqual({ reached: false, outstanding: [] });
  });

  it('answers at once when all that is left refuses the organisation', async () => {
    await report('w1', 5);
    await report('w2', 4, { ...elsewhere(2, 'w2'), nacks: [{ organisationId: organisation, revision: revision(5), code: 'wire.undecodable' }] });
    expect(await board.whenEnforced(organisation, revision(5), 15_000)).toEqual({ reached: false, outstanding: ['w2'] });
    expect(board.workers()[1]?.nacks).toEqual(new Map([[organisation, 'wire.undecodable']]));
  });

  it('holds nothing of a worker’s earlier start against or for its next', async () => {
    await report('w1', 9);
    await report('w1', 0, { incarnation: incarnation(2), state: 'starting' });
    expect(board.workers()).toHaveLength(1);
    expect(await board.whenEnforced(organisation, revision(5), 0)).toEqual({ reached: false, outstanding: ['w1'] });
    await report('w1', 9, { incarnation: incarnation(1) });
    expect(await board.whenEnforced(organisation, revision(5), 0)).toEqual({ reached: false, outstanding: ['w1'] });
  });

  it('lets reports come twice and never lets a revision shrink', async () => {
    await report('w1', 5);
    const [first] = cluster.records(TOPIC.status);
    await report('w1', 0);
    await broker.publish([{ topic: TOPIC.status, key: 'w1', value: first?.value ?? null }]);
    expect(board.workers()[0]?.applied.get(organisation)).toBe(5);
  });

  it('counts the living, lets a silent worker’s stamp grow old, and forgets it in the end', async () => {
    await report('w1', 5);
    await report('w2', 5, elsewhere(2, 'w2'));
    expect(board.liveWorkers()).toBe(2);
    await pass(4_000);
    await report('w2', 5, elsewhere(2, 'w2'));
    expect(board.liveWorkers()).toBe(2);
    expect(board.workers()).toMatchObject([{ workerId: 'w1', state: 'ready', stampAgeMs: 4_100 }, { workerId: 'w2', stampAgeMs: 100 }]);
    await pass(1_000);
    expect(board.workers()[0]).toMatchObject({ state: 'stale' });
    await pass(3_100);
    expect(board.liveWorkers()).toBe(1);
    await pass(23_000);
    expect(board.workers().map((worker) => worker.workerId)).toEqual(['w2']);
  });

  it('takes nobody’s word for a worker’s: what bears no MAC, another’s, or one from elsewhere is refused, counted, told once a source', async () => {
    await report('w1', 4);
    const [good] = cluster.records(TOPIC.status);
    const forged = encodeWorkerReport({ ...decodeWorkerReport(decodeWorkerRecord(good?.value ?? new Uint8Array()).body), sequence: 99, applied: [{ organisationId: organisation, revision: revision(5), stateHash: null }] });
    await broker.publish([
      { topic: TOPIC.status, key: 'w1', value: Buffer.from('nonsense') },
      { topic: TOPIC.status, key: 'w1', value: forged },
      { topic: TOPIC.status, key: 'w2', value: good?.value ?? null },
    ]);
    await report('w1', 5, { sequence: 100 }, new TestMac('of somebody else'));
    await report('w9', 5, { state: 'starting' }, new TestMac('of somebody else'));
    expect(await board.whenEnforced(organisation, revision(5), 0)).toEqual({ reached: false, outstanding: ['w1'] });
    expect(refused.map(([topic, why]) => `${topic} ${why}`)).toEqual(['no_mac', 'no_mac', 'bad_mac', 'bad_mac', 'bad_mac'].map((why) => `${TOPIC.status} ${why}`));
    expect(faults).toEqual(['worker_record.no_mac', 'worker_record.bad_mac', 'worker_record.bad_mac']);
    await report('w1', 5);
    await pass(30_100);
    await report('w1', 5);
    expect(await board.whenEnforced(organisation, revision(5), 0)).toEqual({ reached: true, outstanding: [] });
  });

  it('answers no sooner than every worker denies while there is one whose reports it cannot take, as of another version', async () => {
    await report('w1', 5);
    await broker.publish([{ topic: TOPIC.status, key: 'w2', value: Buffer.from('as a version before wrote it') }]);
    expect(await board.whenEnforced(organisation, revision(5), 0)).toEqual({ reached: false, outstanding: [] });
    const waiting = wait(5);
    await settle();
    for (let ms = 0; ms < 6_500; ms += 500) {
      await pass(500);
      await report('w1', 5);
    }
    expect(waiting.answer).toBeUndefined();
    await pass(600);
    expect(waiting.answer).toEqual({ reached: true, outstanding: [] });
  });

  it('says aloud what a worker says that this version does not understand, and goes on', async () => {
    await report('w1', 5);
    const value = encodeWorkerRecord({ workerId: 'w1', body: Buffer.from('nonsense'), mac: mac.tag(authenticatedBytes({ topic: TOPIC.status, key: 'w1', workerId: 'w1' }, Buffer.from('nonsense'))) });
    await broker.publish([{ topic: TOPIC.status, key: 'w1', value }]);
    expect(faults).toEqual(['relay.unreadable_report']);
    expect(board.workers().map((worker) => worker.workerId)).toEqual(['w1']);
  });

  it('knows after its own start what was said before, but nobody who was gone for long', async () => {
    await report('gone', 5);
    clock.advance(700_000);
    await report('w1', 5, elsewhere(2, 'w1'));
    await board.close();
    open();
    await board.caughtUp();
    expect(board.workers().map((worker) => worker.workerId)).toEqual(['w1']);
  });

  it('answers who waits when it is closed', async () => {
    await report('w1', 4);
    const waiting = wait(5);
    await settle();
    await board.close();
    await settle();
    expect(waiting.answer).toEqual({ reached: false, outstanding: ['w1'] });
  });
});
