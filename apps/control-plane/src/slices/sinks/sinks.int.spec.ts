import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { branded, type Clock, type EpochMs, type OrganisationId } from '@sallyport/kernel';
import { parseOperatorFile } from '@sallyport/operator-file';
import type { OutgoingBatch } from '@sallyport/sinks';
import { inProcessSinkType, InProcessReceiver } from '@sallyport/sinks/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ControlPlane } from '../../control-plane.js';
import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { aSecondPlane } from '../../testing/a-second-plane.js';
import { anOrganisation, type TestOrganisation } from '../../testing/an-organisation.js';
import { aDecided, sequenced } from '../../testing/decision-records.js';
import { mutate } from '../../testing/mutate.js';
import { withDatabase } from '../../testing/tables-of.js';

const SECRET = 'sink-secret-4711';
const SINK = 'sink { id name type status destination guarantee settings credentials filter { types outcomes } format confirmedBy pause { cause reason advice } health { cursor lagEvents lagSeconds deadLetters delivered lastError { class reason } } replays { id state delivered } }';

describe('a sink', () => {
  const receiver = new InProcessReceiver();
  const batches: OutgoingBatch[] = [];
  let shiftMs = 0;
  const clock: Clock = { now: () => branded<EpochMs>(Date.now() + shiftMs), monotonicMs: () => performance.now() };
  let world: TestControlPlane;
  let home: TestOrganisation;
  let organisationId: OrganisationId;
  let answers = '';
  let calls = 0;

  beforeAll(async () => {
    world = await aControlPlane({ sinkTypes: [inProcessSinkType(receiver)], clock });
    home = await anOrganisation(world, 'Home');
    organisationId = branded<OrganisationId>(home.id);
    healthy();
  });
  afterAll(() => world.close());

  const healthy = () =>
    receiver.behave((batch) => {
      batches.push(batch);
      return receiver.keep(batch);
    });
  const change = async (name: string, input: Readonly<Record<string, unknown>>, more = '') => {
    const fields = name === 'removeSink' ? 'sinkId' : `${SINK} ${more}`;
    const rejected = ['addSink', 'changeSink', 'confirmSink', 'testSink'].includes(name) ? '... on SinkRejected { code message pointer problems { pointer message } }' : '';
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const query = `mutation ($input: ${type}Input!) { answer: ${name}(input: $input) { __typename ... on ${type}Payload { revision ${fields} } ... on Refusal { code message pointer } ${rejected} } }`;
    const { data, errors } = await world.ask(query, { token: home.adminToken, variables: { input } });
    expect(errors).toEqual([]);
    answers += JSON.stringify(data);
    return data?.['answer'] as Readonly<Record<string, unknown>>;
  };
  const read = async (query: string, token = home.adminToken) => {
    const { data } = await world.ask(query, { token });
    answers += JSON.stringify(data);
    return data;
  };
  const shown = async () => ((await read(`{ ${SINK.replace('sink {', 'sink(sink: "siem") {')} }`)) as { sink: Record<string, never> }).sink;
  const add = (more: Readonly<Record<string, unknown>> = {}) => change('addSink', { type: 'webhook', name: 'siem', settings: { name: 'here' }, credentials: [{ name: 'token', value: SECRET }], ...more });
  const call = async (count = 1) => {
    for (let n = 0; n < count; n += 1) {
      calls += 1;
      await world.plane.auditBus.publish(sequenced(aDecided(organisationId, calls, { effect: 'deny', outcome: 'denied', reasonCode: 'rule_denied' })));
    }
  };
  const rows = (sql: string) => withDatabase(world.database.url, async (client) => (await client.query(sql)).rows);
  const seqs = () => batches.flatMap((batch) => batch.events.map(({ stored }) => stored.seq)).filter((seq) => seq > 0);
  const newest = async () => Number((await rows(`SELECT size FROM audit_heads WHERE organisation_id = '${home.id}'`))[0]?.size);
  const figures = async (): Promise<Readonly<Record<string, number>>> => {
    const series = (await world.plane.metrics.metrics()).matchAll(new RegExp(`^sallyport_sink_(\\w+)\\{organisation="${home.slug}",sink="siem",sink_id="[0-9a-f-]{36}"\\} (\\S+)$`, 'gm'));
    return Object.fromEntries([...series].map(([, name = '', value]) => [name, Number(value)]));
  };
  /** Everything so far is sent; to ask is itself a sign-in, which may be told of afterwards. */
  const settled = async () => {
    await world.plane.auditTold();
    await expect.poll(async () => (await shown())?.['health'], { timeout: 15_000, interval: 100 }).toMatchObject({ lagEvents: 0 });
  };
  const codeSent = () => /Confirmation code: ([A-Z0-9-]+)/.exec(batches.at(-1)?.events[0]?.stored.line ?? '')?.[1] ?? '';

  it('is refused with every problem of its settings, at its place, and nothing is kept', async () => {
    const before = await read('{ revision }');
    expect(await add({ settings: { nam: 'x' }, credentials: [{ name: 'tokn', value: SECRET }], format: 'cef' })).toMatchObject({
      __typename: 'SinkRejected',
      code: 'sink.rejected',
      problems: expect.arrayContaining([
        expect.objectContaining({ pointer: '/settings/name' }),
        expect.objectContaining({ pointer: '/settings/nam' }),
        expect.objectContaining({ pointer: '/credentials/0' }),
        expect.objectContaining({ pointer: '/credentials' }),
        expect.objectContaining({ pointer: '/format' }),
      ]),
    });
    expect(await add({ settings: [] })).toMatchObject({ __typename: 'SinkRejected', pointer: '/settings' });
    expect(await add({ type: 's3' })).toMatchObject({ code: 'sink.type_unknown', pointer: '/type' });
    expect(await add({ name: 'a b' })).toMatchObject({ code: 'sink.name_invalid', pointer: '/name' });
    expect(await add({ filter: { types: ['cal.*'] } })).toMatchObject({ code: 'sink.filter_type_invalid', pointer: '/filter/types/0' });
    expect(await read('{ revision }')).toEqual(before);
  });

  it('is added unconfirmed, once for an idempotency key, and sends nothing', async () => {
    const first = await add({ idempotencyKey: 'once' });
    expect(first).toMatchObject({
      __typename: 'AddSinkPayload',
      sink: { name: 'siem', type: 'webhook', status: 'unconfirmed', destination: 'memory:here', guarantee: 'At least once to this process.', credentials: ['token'], format: 'native', confirmedBy: null, health: null },
    });
    expect(await add({ idempotencyKey: 'once' })).toEqual(first);
    expect(await add()).toMatchObject({ code: 'sink.name_taken' });
    await call(3);
    await world.plane.auditTold();
    expect(seqs()).toEqual([]);
  });

  it('is tried with one event that is not of the stream, and says what the receiver said', async () => {
    const tested = await change('testSink', { sink: 'siem' }, 'taken receiver advice sample preview');
    expect(tested).toMatchObject({ taken: true, receiver: 'The receiver took the event.', sample: { type: 'admin.sink.tested', seq: 0 } });
    expect(tested['preview']).toBe(batches.at(-1)?.events[0]?.stored.line);
    expect(batches.at(-1)?.events[0]?.event.admin?.reason).toBe('Test of the sink siem.');
    expect(await change('testSink', { sink: 'siem' })).toMatchObject({ code: 'sink.too_soon' });
    shiftMs += 5_000;
    await receiver.refuseCredentials();
    expect(await change('testSink', { sink: 'siem' }, 'taken receiver advice sample')).toMatchObject({ taken: false, receiver: 'the receiver answers 401', advice: 'Give the sink another token.' });
    healthy();
  });

  it('is confirmed only with the code that arrived at the receiver, of which there are five guesses', async () => {
    shiftMs += 5_000;
    expect(await change('confirmSink', { sink: 'siem' }, 'codeSent receiver')).toMatchObject({ codeSent: true, sink: { status: 'unconfirmed' } });
    const code = codeSent();
    expect(answers).not.toContain(code);
    for (let guess = 0; guess < 5; guess += 1) expect(await change('confirmSink', { sink: 'siem', code: 'AAAA-AAAA' })).toMatchObject({ code: 'sink.code_wrong', pointer: '/code' });
    expect(await change('confirmSink', { sink: 'siem', code })).toMatchObject({ code: 'sink.code_wrong' });
    shiftMs += 5_000;
    await change('confirmSink', { sink: 'siem' });
    const late = codeSent();
    shiftMs += 25 * 3_600_000;
    expect(await change('confirmSink', { sink: 'siem', code: late })).toMatchObject({ code: 'sink.code_wrong' });
    await change('confirmSink', { sink: 'siem' });
    const gone = codeSent();
    await change('changeSink', { sink: 'siem', settings: { name: 'elsewhere' }, setCredentials: [{ name: 'token', value: SECRET }] });
    expect(await change('confirmSink', { sink: 'siem', code: gone })).toMatchObject({ code: 'sink.code_wrong' });
    shiftMs += 5_000;
    await change('confirmSink', { sink: 'siem' });
    expect(await change('confirmSink', { sink: 'siem', code: codeSent().toLowerCase() }, 'codeSent')).toMatchObject({ codeSent: false, sink: { status: 'active', confirmedBy: 'code' } });
  });

  it('sends everything since it was added, in order and without a gap', async () => {
    await call(5);
    await settled();
    const added = (await rows(`SELECT after_seq FROM sinks WHERE name = 'siem'`))[0];
    await expect.poll(async () => (await newest()) - Math.max(...seqs())).toBe(0);
    const sent = [...new Set(seqs())];
    expect(sent).toEqual(Array.from({ length: sent.length }, (_, at) => Number(added?.after_seq) + 1 + at));
    await expect.poll(shown).toMatchObject({ health: { lagEvents: 0, lagSeconds: 0, deadLetters: 0 } });
  });

  it('can be done without: an auditor pulls the stream, as the list of kinds says', async () => {
    const token = await home.tokenOf('auditor');
    await world.plane.auditTold();
    const stored = await newest();
    const { data } = await world.ask('{ auditPull(afterSeq: 0) { lines lastSeq newestSeq gap { fromSeq } } }', { token });
    const { lines, lastSeq, newestSeq, gap } = data?.['auditPull'] as { lines: string[]; lastSeq: number; newestSeq: number; gap: unknown };
    expect(lines.length).toBeGreaterThanOrEqual(stored);
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(lines.map((_, at) => at + 1));
    expect({ lastSeq, gap }).toEqual({ lastSeq: lines.length, gap: null });
    expect(newestSeq).toBeGreaterThanOrEqual(lastSeq);
    expect(newestSeq).toBeLessThanOrEqual(await newest());
    expect(await read('{ sinkTypes { nodes { name confirmedBy guarantee settingsSchema credentials { name required } formats } pull { query how guarantee largestPage } } }', token)).toMatchObject({
      sinkTypes: { nodes: [{ name: 'webhook', confirmedBy: 'code', credentials: [{ name: 'token', required: true }] }], pull: { query: 'auditPull', largestPage: 1_000 } },
    });
  });

  it('stops where a person pauses it and goes on from there', async () => {
    expect(await change('pauseSink', { sink: 'siem', reason: 'moving it' })).toMatchObject({ sink: { status: 'paused', pause: { cause: 'asked', reason: 'moving it' } } });
    await expect.poll(async () => (await rows(`SELECT progress::json->>'state' AS state FROM sink_deliveries`))[0]?.state).toBe('disabled');
    const before = seqs().length;
    await call(2);
    await world.plane.auditTold();
    expect(seqs().length).toBe(before);
    expect(await change('resumeSink', { sink: 'siem' })).toMatchObject({ sink: { pause: null } });
    await settled();
    expect(seqs().length).toBeGreaterThan(before + 2);
    const said = (await rows(`SELECT line FROM audit_events WHERE type = 'export.resumed' ORDER BY seq DESC LIMIT 1`))[0] as { line: string };
    expect(JSON.parse(said.line)).toMatchObject({ export: { reason: 'an administrator let it go on' } });
  });

  it('is paused by a receiver that refuses its credentials, says what to do, and goes on when a person has done it', async () => {
    await receiver.refuseCredentials();
    await call();
    await expect.poll(async () => await shown(), { timeout: 10_000 }).toMatchObject({ status: 'paused', pause: { cause: 'auth', reason: 'the receiver answers 401', advice: 'Give the sink another token.' } });
    healthy();
    expect(await change('resumeSink', { sink: 'siem', reason: 'the receiver was restarted' })).toMatchObject({ sink: { status: 'active' } });
    await settled();
  });

  it('keeps what the receiver refuses for good as a dead letter, to be looked at, resent or given up', async () => {
    await call(2);
    await settled();
    const poisoned = new Set<string>();
    receiver.behave((batch) => {
      const bad = batch.events.filter(({ event }) => event.type === 'call.decided');
      if (bad.length === 0) return receiver.keep(batch);
      if (batch.events.length > 1) return { kind: 'unfit', reason: 'the receiver answers 400' };
      poisoned.add(bad[0]?.stored.eventId ?? '');
      return { kind: 'unfit', reason: `the receiver answers 400 to ${SECRET}` };
    });
    await call(2);
    await expect.poll(async () => (await shown())?.['health'], { timeout: 10_000 }).toMatchObject({ deadLetters: 2 });
    const asked = '{ sink(sink: "siem") { deadLetters(state: waiting) { nodes { seq eventId type reason state event } pageInfo { hasNextPage } } } }';
    const { sink } = (await read(asked)) as { sink: { deadLetters: { nodes: { seq: number; eventId: string; reason: string; event: { event_id: string } }[] } } };
    const letters = sink.deadLetters.nodes;
    expect(new Set(letters.map(({ eventId }) => eventId))).toEqual(poisoned);
    expect(letters[0]).toMatchObject({ type: 'call.decided', state: 'waiting', reason: expect.stringContaining('the receiver answers 400 to <secret>'), event: { event_id: letters[0]?.eventId } });
    await expect.poll(figures, { timeout: 15_000, interval: 200 }).toMatchObject({ dead_letters_waiting: 2, dead_letters_total: 2, gap_events_total: 2, lag_events: 0, failures_total: expect.any(Number) });
    expect((await figures())['events_delivered_total']).toBe((await shown())?.['health']?.['delivered']);
    healthy();
    batches.length = 0;
    expect(await change('resendDeadLetters', { sink: 'siem', seqs: [letters[0]?.seq] }, 'count replayId')).toMatchObject({ count: 1 });
    await expect.poll(() => batches.filter(({ replay }) => replay).flatMap(({ events }) => events.map(({ stored }) => stored.seq)), { timeout: 10_000 }).toEqual([letters[0]?.seq]);
    expect(await change('discardDeadLetters', { sink: 'siem', seqs: [letters[1]?.seq, 999_999], reason: 'a test call' }, 'count')).toMatchObject({ count: 1 });
    const said = (await rows(`SELECT line FROM audit_events WHERE type = 'export.dead_letter' ORDER BY seq DESC LIMIT 1`))[0] as { line: string };
    expect(JSON.parse(said.line)).toMatchObject({ actor: { kind: 'member' }, export: { from_seq: letters[1]?.seq, to_seq: letters[1]?.seq, count: 1, reason: 'given up: a test call', asked_by: home.memberId } });
    await expect.poll(async () => (await shown())?.['health'], { timeout: 10_000 }).toMatchObject({ deadLetters: 0 });
  });

  it('replays a stretch, marked as such, once for an idempotency key', async () => {
    batches.length = 0;
    const input = { sink: 'siem', fromSeq: 2, toSeq: 6, reason: 'lost at the receiver', idempotencyKey: 'again' };
    const first = await change('replaySink', input, 'replayId');
    expect(await change('replaySink', input, 'replayId')).toMatchObject({ replayId: first['replayId'] });
    await expect.poll(() => batches.filter(({ replay }) => replay).flatMap(({ events }) => events.map(({ stored }) => stored.seq)), { timeout: 10_000 }).toEqual([2, 3, 4, 5, 6]);
    expect(await change('replaySink', { sink: 'siem', fromSeq: 1, toSeq: 999_999, reason: 'too far' })).toMatchObject({ code: 'sink.bad_range' });
    expect(await change('cancelReplay', { sink: 'siem', replayId: 'none' })).toMatchObject({ code: 'sink.not_found' });
  });

  it('is taken over from a control plane that died, within seconds', async () => {
    await rows(`UPDATE sink_deliveries SET holder = 'a dead one', fence = fence + 1, held_until = clock_timestamp() + interval '2 seconds'`);
    await call(3);
    await expect.poll(async () => (await rows('SELECT holder FROM sink_deliveries'))[0]?.holder, { timeout: 20_000, interval: 200 }).not.toBe('a dead one');
    await settled();
  }, 40_000);

  it('is seen and touched by nobody but its organisation’s admins, and read by its auditors', async () => {
    const other = await anOrganisation(world, 'Other');
    expect(await read('{ sink(sink: "siem") { id } sinks { nodes { id } } }', other.adminToken)).toEqual({ sink: null, sinks: { nodes: [] } });
    expect(await read('{ sink(sink: "siem") { name } }', await home.tokenOf('auditor'))).toEqual({ sink: { name: 'siem' } });
    for (const role of ['viewer', 'policy_manager'] as const) expect((await world.ask('{ sinks { nodes { id } } }', { token: await home.tokenOf(role) })).errors[0]?.extensions['code']).toBe('forbidden');
    const paused = await mutate(world, 'pauseSink', 'sink { id }', { sink: 'siem' }, { token: other.adminToken });
    expect(paused).toMatchObject({ code: 'sink.unknown' });
  });

  it('asks for another confirmation when it leads elsewhere, and its credentials do not follow it', async () => {
    expect(await change('changeSink', { sink: 'siem', filter: { types: ['call.*'] } })).toMatchObject({ sink: { status: 'active', filter: { types: ['call.*'], outcomes: [] } } });
    expect(await change('changeSink', { sink: 'siem', settings: { name: 'evil' } })).toMatchObject({ code: 'sink.credentials_bound_to_receiver', pointer: '/settings' });
    expect(await change('changeSink', { sink: 'siem', settings: { name: 'evil' }, setCredentials: [{ name: 'token', value: SECRET }] })).toMatchObject({ sink: { status: 'unconfirmed' } });
  });

  it('is removed with all that was kept of it, and its name is free', async () => {
    expect(await change('removeSink', { sink: 'siem', reason: 'done' })).toMatchObject({ __typename: 'RemoveSinkPayload' });
    expect(await read('{ sinks { nodes { id } } }')).toEqual({ sinks: { nodes: [] } });
    for (const table of ['sink_deliveries', 'sink_dead_letters', 'sink_challenges', 'sinks']) expect(await rows(`SELECT 1 FROM ${table}`), table).toEqual([]);
    expect(await add()).toMatchObject({ sink: { name: 'siem' } });
  });

  it('keeps its credentials out of every answer, event, table and log line [sinks/credentials]', async () => {
    await read('{ events(first: 100) { nodes { type data } } sinks { nodes { name settings credentials history { nodes { data } } } } }');
    expect(answers).toContain('"token"');
    expect(answers).not.toContain(SECRET);
    expect(answers).not.toContain('sealedValue');
    expect(world.logLines.join('\n')).not.toContain(SECRET);
    for (const table of ['sinks', 'sink_deliveries', 'sink_dead_letters', 'events', 'audit_events', 'idempotency_keys']) {
      expect(JSON.stringify(await rows(`SELECT to_jsonb(t) AS row FROM ${table} t`)), table).not.toContain(SECRET);
    }
  });
});

describe('sinks of two control planes', () => {
  const clock: Clock = { now: () => branded<EpochMs>(Date.now()), monotonicMs: () => performance.now() };
  const [one, other] = [new InProcessReceiver(), new InProcessReceiver()];
  let world: TestControlPlane;
  let second: ControlPlane;
  beforeAll(async () => {
    world = await aControlPlane({ sinkTypes: [inProcessSinkType(one)], clock });
    second = await aSecondPlane(world, { clock, sinkTypes: [inProcessSinkType(other)] });
  });
  afterAll(async () => {
    await second.close();
    await world.close();
  });

  it('are exported to by one at a time, and by the other as soon as the first has stopped', async () => {
    let code = '';
    one.behave((batch) => {
      code = /Confirmation code: ([A-Z0-9-]+)/.exec(batch.events[0]?.stored.line ?? '')?.[1] ?? code;
      return one.keep(batch);
    });
    await mutate(world, 'addSink', 'sink { id }', { type: 'webhook', name: 'siem', settings: { name: 'here' }, credentials: [{ name: 'token', value: SECRET }] });
    await mutate(world, 'confirmSink', 'sink { id }', { sink: 'siem' });
    await mutate(world, 'confirmSink', 'sink { id }', { sink: 'siem', code });
    await one.arrived(3);
    expect(other.arrivals).toEqual([]);
    await world.plane.close();
    const [sink] = await withDatabase(world.database.url, async (client) => (await client.query<{ organisation_id: string }>('SELECT organisation_id FROM sinks')).rows);
    const organisationId = branded<OrganisationId>(sink?.organisation_id ?? '');
    await second.auditBus.publish(sequenced(aDecided(organisationId, 77)));
    await expect.poll(() => other.arrivals.length, { timeout: 15_000, interval: 100 }).toBeGreaterThan(0);
    expect(other.arrivals.filter((id) => one.arrivals.includes(id))).toEqual([]);
  }, 30_000);
});

describe('a sink of local files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-sink-'));
  const clock: Clock = { now: () => branded<EpochMs>(Date.now()), monotonicMs: () => performance.now() };
  let world: TestControlPlane;
  beforeAll(async () => {
    const operatorFile = parseOperatorFile(`sinks:\n  - { kind: file, directory: ${folder} }\n  - { kind: file, directory: /var/others, organisations: [others] }\n`);
    if (!operatorFile.ok) throw new Error(JSON.stringify(operatorFile.refusal));
    world = await aControlPlane({ operatorFile: operatorFile.value, clock });
  });
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true });
  });
  const addTo = async (directory: string) => {
    const query = 'mutation ($input: AddSinkInput!) { addSink(input: $input) { __typename ... on AddSinkPayload { sink { status confirmedBy } } ... on SinkRejected { pointer message } } }';
    return (await world.ask(query, { variables: { input: { type: 'file', name: 'disk', settings: { directory }, afterSeq: 0 } } })).data?.['addSink'];
  };

  it('is accepted only where the operator’s file allows the folder, to this organisation', async () => {
    for (const directory of ['/etc', '/var/others', `${folder}x`, `${folder}/../x`]) expect(await addTo(directory), directory).toMatchObject({ __typename: 'SinkRejected', pointer: '/settings/directory' });
  });

  it('needs no other confirmation, and has the whole stream written', async () => {
    expect(await addTo(folder)).toEqual({ __typename: 'AddSinkPayload', sink: { status: 'active', confirmedBy: 'operator_file' } });
    await world.plane.auditTold();
    const written = (): string => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('');
    await expect.poll(written, { timeout: 10_000, interval: 100 }).toContain('admin.sink.added');
    expect(written()).toContain('"seq":1,');
  });
});
