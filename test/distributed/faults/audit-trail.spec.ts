import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { TOPIC, type BrokerRecord, type Publication } from '@sallyport/broker';
import { AddSinkDocument, AdminClient, ConfirmSinkDocument, ReadAuditKeysDocument, ReadAuditStreamsDocument } from '@sallyport/graphql-contract';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { WebhookReceiver } from '../../e2e/world/webhook-receiver.js';
import { publicationOf } from '../world/deceiving-broker.js';
import { Distribution } from '../world/distribution.js';
import { copyOf, type ProcessCopy } from '../world/process-copy.js';
import { storedCalls } from '../world/stored-records.js';
import { Tenant, type Held } from '../world/tenant.js';

interface StreamEvent {
  readonly seq: number;
  readonly event_id: string;
  readonly type: string;
  readonly outcome?: string;
  readonly decision?: { readonly grant_id?: string };
}

const SOON = { timeout: 60_000, interval: 100 };

let all: Distribution;
let tenant: Tenant;
let receiver: WebhookReceiver;
let grants: Held[];
let first: ProcessCopy;
/** The control plane that is asked: the one that is alive. */
let alive: { readonly url: string; readonly pid: number };

beforeAll(async () => {
  [all, receiver] = await Promise.all([Distribution.start({ workers: 2 }), WebhookReceiver.start()]);
  tenant = await Tenant.create(all.fleet.world, all.upstream.url);
  grants = await Promise.all([tenant.grant(), tenant.grant(), tenant.grant()]);
  first = copyOf(all.fleet.pidOf('control-plane'));
  alive = { url: all.fleet.world.url, pid: all.fleet.pidOf('control-plane') };
  const sink = { type: 'webhook' as const, name: 'siem', settings: { url: receiver.url }, credentials: [{ name: 'secret', value: receiver.secret }], afterSeq: 0 };
  expect((await tenant.admin.run(AddSinkDocument, { input: sink })).addSink).toMatchObject({ sink: { status: 'unconfirmed' } });
  expect((await tenant.admin.run(ConfirmSinkDocument, { input: { sink: 'siem' } })).confirmSink).toMatchObject({ sink: { status: 'active' } });
});
afterAll(async () => {
  await all?.end();
  await receiver?.close();
});

/** A grant that nobody has used, made while the first control plane lived. */
function nextGrant(): Held {
  const held = grants.pop();
  if (held === undefined) throw new Error('one for each test');
  return held;
}

const folderOf = (process: string): string => join(all.fleet.world.dataFolder, process);
const admin = (): AdminClient => new AdminClient({ url: alive.url, token: all.fleet.world.adminToken, organisation: tenant.organisationId });

/** Starts a control plane beside what is there, with the keys of the deployment; `own` is its data folder. */
async function startControlPlane(own: string): Promise<{ readonly url: string; readonly pid: number }> {
  const folder = folderOf('control-plane');
  if (own !== folder) {
    mkdirSync(own, { mode: 0o700 });
    for (const key of ['signing-key.pem', 'audit-key.pem']) copyFileSync(join(folder, key), join(own, key));
  }
  const { pid, line } = await all.fleet.launch({ ...first, args: first.args.map((arg) => (arg === folder ? own : arg)) });
  return { pid, url: String(line['url']) };
}

/** The stream as an auditor gets it, which the verifier finds intact. */
async function verifiedStream(): Promise<readonly StreamEvent[]> {
  const headers = { authorization: `Bearer ${all.fleet.world.adminToken}`, 'sallyport-organisation': tenant.organisationId };
  const response = await fetch(new URL('/audit/export', alive.url), { headers });
  const text = await response.text();
  const { folder } = all.fleet.world;
  writeFileSync(join(folder, 'audit.ndjson'), text);
  writeFileSync(join(folder, 'audit.keys'), (await admin().run(ReadAuditKeysDocument, { scope: 'organisation' })).auditKeys.join('\n'));
  const { code, stdout } = await all.fleet.world.cli(['verify', 'chain', 'audit.ndjson', '--key', 'audit.keys', '--json']);
  expect({ code, report: code === 0 ? null : stdout }).toEqual({ code: 0, report: null });
  return text.trimEnd().split('\n').slice(0, -1).map((line) => JSON.parse(line) as StreamEvent);
}

/** Every call of the grant that was answered is in the stream once, with its end, and the receiver has the stream in its order. */
async function expectWhole(held: Held): Promise<void> {
  const seen = all.seen.calls.filter(({ grant, verdict }) => grant === held.grantId && verdict !== 'unreachable' && verdict !== '401' && verdict !== '503').length;
  await vi.waitFor(async () => expect(await storedCalls(all.services.databaseUrl, held.grantId)).toBeGreaterThanOrEqual(seen), SOON);
  const events = await vi.waitFor(verifiedStream, SOON);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
  expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
  const own = events.filter(({ type, decision }) => type === 'call.decided' && decision?.grant_id === held.grantId);
  expect(own).toHaveLength(seen);
  const last = events.at(-1)?.seq ?? 0;
  await vi.waitFor(() => expect(Math.max(0, ...receiver.firstSeqs)).toBeGreaterThanOrEqual(last), SOON);
  const received = new Set(receiver.events.map(({ event_id }) => event_id));
  expect(events.filter(({ event_id }) => !received.has(event_id))).toEqual([]);
  expect(receiver.firstSeqs).toEqual(receiver.firstSeqs.map((_, at) => at + 1));
}

describe('the audit trail of a distributed deployment', () => {
  it('is whole when the control plane that consumes, writes, signs and exports is killed in mid-flow and another takes over [audit/nothing-lost]', async () => {
    const held = nextGrant();
    const second = await startControlPlane(folderOf('control-plane-2'));
    const callers = all.seen.keepCalling(held);
    await callers.more(20);
    await all.fleet.kill(alive.pid);
    alive = second;
    await callers.more(20);
    await callers.stop();
    await expectHealed(held);
    await expectWhole(held);
  });

  it('is whole when the first comes back, with a memory of heads from before, and the second is killed in turn [audit/nothing-lost]', async () => {
    const held = nextGrant();
    const back = await startControlPlane(folderOf('control-plane'));
    const callers = all.seen.keepCalling(held);
    await callers.more(20);
    await all.fleet.kill(alive.pid);
    alive = back;
    await callers.more(20);
    await callers.stop();
    await expectHealed(held);
    await expectWhole(held);
    const { auditStreams } = await admin().run(ReadAuditStreamsDocument, { scope: 'deployment' });
    expect(auditStreams.filter(({ alarm }) => alarm !== null)).toEqual([]);
  });

  it('is whole when the broker is killed, and when records come twice, the later ones first [audit/nothing-lost]', async () => {
    const held = nextGrant();
    const callers = all.seen.keepCalling(held);
    await callers.more(10);
    await all.services.kafka.nodes[0]?.crash();
    await callers.more(3);
    await all.services.kafka.restart(1);
    await callers.more(3);
    await callers.stop();
    await expectHealed(held);
    const before = (await all.wire.read(TOPIC.audit)).length;
    process.kill(alive.pid, 'SIGSTOP');
    try {
      for (let round = 0; round < 10; round += 1) await all.seen.verdicts(held);
      const fresh = await vi.waitFor(async () => {
        const records = (await all.wire.read(TOPIC.audit)).slice(before);
        expect(records.length).toBeGreaterThan(0);
        return records;
      }, SOON);
      await all.wire.write(...backwards(fresh), ...backwards(await all.wire.read(TOPIC.audit)));
    } finally {
      process.kill(alive.pid, 'SIGCONT');
    }
    await expectHealed(held);
    await expectWhole(held);
    expect(await all.wire.read(TOPIC.auditRejected)).toEqual([]);
  });
});

/** The same records once more, the last one first. */
function backwards(records: readonly BrokerRecord[]): readonly Publication[] {
  return [...records].reverse().map(publicationOf);
}

async function expectHealed(held: Held): Promise<void> {
  await vi.waitFor(async () => expect(new Set(await all.seen.verdicts(held))).toEqual(new Set(['allowed'])), SOON);
}
