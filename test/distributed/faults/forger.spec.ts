import { TOPIC, type Publication } from '@sallyport/broker';
import { auditPublication, reportPublication } from '@sallyport/event-stream';
import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import { HmacRecordMac, RootKey } from '@sallyport/secrets-aes';
import { checkHistory, type ReportSeen } from '@sallyport/test-support';
import { decodeRecord, decodeWorkerRecord, encodeRecord, encodeWorkerReport, type WorkerReport } from '@sallyport/wire';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { publicationOf } from '../world/deceiving-broker.js';
import { Distribution } from '../world/distribution.js';
import { storedCalls, storedRecords, toldHoles } from '../world/stored-records.js';
import { Tenant, type Held } from '../world/tenant.js';

const SOON = { timeout: 60_000, interval: 100 };
/** What is no answer of a gateway that decided: such a call has no record. */
const UNRECORDED = new Set(['unreachable', '401', '503']);
/** S and the skew, after which a worker that is not heard of denies by itself. */
const BOUND_MS = 7_000;
/** A start that no worker has made, later than all that were. */
const LATER_START = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
/** The MAC of somebody who has a root key, but not this deployment's. */
const stranger = new HmacRecordMac(RootKey.parse('5a'.repeat(32)));

let all: Distribution;
let tenant: Tenant;
let held: Held;

beforeAll(async () => {
  all = await Distribution.start({ workers: 2 });
  tenant = await Tenant.create(all.fleet.world, all.upstream.url);
  held = await tenant.grant();
});
afterAll(() => all?.end());

/** A figure of the control plane's `/metrics`. */
async function refusedSoFar(topic: string, reason: string, url = all.fleet.world.url): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const name = `sallyport_worker_records_refused_total{topic="${topic}",reason="${reason}"} `;
  return Number(text.split('\n').find((line) => line.startsWith(name))?.slice(name.length));
}

/** What somebody would say in a worker's name to have a revision taken for enforced, in each way that is open without the key. */
function forgeries(worker: Pick<ReportSeen, 'workerId' | 'incarnation' | 'sequence'>, revision: number): readonly Publication[] {
  const { workerId, incarnation, sequence } = worker;
  const organisationId = branded<OrganisationId>(tenant.organisationId);
  const applied = [{ organisationId, revision: branded<Revision>(revision), stateHash: null }];
  const said: WorkerReport = { workerId, incarnation, sequence: sequence + 1_000, state: 'ready', stampAgeMs: 1, position: 1_000_000, applied, nacks: [], refusedRecords: [] };
  const lies: readonly WorkerReport[] = [said, { ...said, sequence: sequence + 1_001, state: 'stopped' }, { ...said, incarnation: LATER_START, applied }];
  const bare = lies.map((lie) => ({ topic: TOPIC.status, key: workerId, value: encodeWorkerReport(lie) }));
  return [...bare, ...lies.map((lie) => reportPublication(stranger, lie)), { topic: TOPIC.status, key: workerId, value: null }];
}

describe('who can write where workers report, and has no key', () => {
  it('has no revocation answered as enforced before a worker that stands still denies by itself [grant/revocation-binds]', async () => {
    const [still, other] = all.fleet.workers;
    if (still === undefined || other === undefined) throw new Error('two workers');
    const revoked = await tenant.grant();
    expect(await all.seen.verdicts(revoked, 'allowed')).toEqual(['allowed', 'allowed']);
    const newest = all.status.newest(still.workerId);
    if (newest === undefined) throw new Error('it has reported');
    const genuine = (await all.wire.read(TOPIC.status)).find(({ key }) => key === other.workerId);
    if (genuine === undefined) throw new Error('the other has reported');
    const revision = Math.max(...newest.applied.map((one) => one.revision)) + 100;
    process.kill(still.pid, 'SIGSTOP');
    try {
      const answer = all.seen.revoke(tenant, revoked);
      let isAnswered = false;
      void answer.then(() => (isAnswered = true));
      while (!isAnswered) {
        await all.wire.write(...forgeries(newest, revision), { ...publicationOf(genuine), key: still.workerId });
        await new Promise((resolve) => setTimeout(resolve, 250)); // the forger's own pace
      }
      const { askedMs, answeredMs, enforced } = await answer;
      expect(enforced).toBe(true);
      expect(answeredMs - askedMs).toBeGreaterThan(BOUND_MS - 500);
    } finally {
      process.kill(still.pid, 'SIGCONT');
    }
    for (let round = 0; round < 5; round += 1) expect(await all.seen.call(still, revoked)).not.toBe('allowed');
    await vi.waitFor(async () => expect(await all.seen.verdicts(held)).toEqual(['allowed', 'allowed']), SOON);
    expect(checkHistory(all.seen.history())).toEqual([]);
  });

  it('is counted on every process that hears it, and told once a source', async () => {
    for (const url of [all.fleet.world.url, all.fleet.workers[1]?.url ?? '']) {
      await vi.waitFor(async () => expect([await refusedSoFar(TOPIC.status, 'no_mac', url), await refusedSoFar(TOPIC.status, 'bad_mac', url)]).toEqual([expect.any(Number), expect.any(Number)]), SOON);
      expect(await refusedSoFar(TOPIC.status, 'no_mac', url)).toBeGreaterThanOrEqual(3);
      expect(await refusedSoFar(TOPIC.status, 'bad_mac', url)).toBeGreaterThanOrEqual(4);
    }
    const told = all.fleet.world.process.stderr.split('\n').filter((line) => line.includes('worker_record.') && line.includes('the stream to the workers'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(all.workerIds[0]);
  });
});

describe('who can write where workers send their records, and has no key', () => {
  it('adds no call to the history and takes none away: forged records are set aside as they came, and those of workers go on [audit/nothing-lost]', async () => {
    await all.seen.verdicts(held, 'allowed');
    const genuine = await vi.waitFor(async () => {
      const found = (await all.wire.read(TOPIC.audit)).findLast(({ value }) => value !== null && decodeRecord(decodeWorkerRecord(value).body).record.kind === 'decided');
      if (found === undefined || found.value === null) throw new Error('not yet');
      return { key: found.key ?? '', value: found.value, sequenced: decodeRecord(decodeWorkerRecord(found.value).body) };
    }, SOON);
    const invented = { ...genuine.sequenced, incarnation: LATER_START, localSeq: 1 };
    const next = { ...genuine.sequenced, localSeq: genuine.sequenced.localSeq + 1_000 };
    const forged: readonly Publication[] = [
      ...[invented, next].map((record) => ({ topic: TOPIC.audit, key: record.incarnation, value: encodeRecord(record) })),
      ...[invented, next].map((record) => auditPublication(stranger, 'worker-1', record)),
      { topic: TOPIC.audit, key: LATER_START, value: genuine.value },
    ];
    await all.wire.write(...forged);
    const callers = all.seen.keepCalling(held, { expected: 'allowed' });
    await callers.more(5);
    await callers.stop();
    await vi.waitFor(async () => {
      const rejected = (await all.wire.read(TOPIC.auditRejected)).map(contentOf);
      expect(new Set(rejected)).toEqual(new Set(forged.map(contentOf)));
    }, SOON);
    const calls = all.seen.calls.filter(({ grant, verdict }) => grant === held.grantId && !UNRECORDED.has(verdict)).length;
    const { databaseUrl } = all.services;
    await vi.waitFor(async () => expect(await storedCalls(databaseUrl, held.grantId)).toBe(calls), SOON);
    const audit = await storedRecords(databaseUrl);
    expect(audit.filter(({ incarnation }) => incarnation === LATER_START)).toEqual([]);
    const holes = await toldHoles(all.fleet.world.url, all.fleet.world.adminToken);
    expect(holes).toEqual([]);
    expect(checkHistory(all.seen.history({ audit, holes }))).toEqual([]);
    expect(await refusedSoFar(TOPIC.audit, 'no_mac')).toBe(2);
    expect(await refusedSoFar(TOPIC.audit, 'bad_mac')).toBe(3);
    expect(all.fleet.world.process.stderr.split('\n').filter((line) => line.includes('audit.forged'))).toHaveLength(2);
  });
});

function contentOf({ key, value }: Pick<Publication, 'key' | 'value'> | { readonly key: string | null; readonly value: Uint8Array | null }): string {
  return `${key} ${Buffer.from(value ?? []).toString('hex')}`;
}
