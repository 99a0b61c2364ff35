import { randomBytes, randomInt } from 'node:crypto';
import { appendFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { CompletedRecord, DecidedRecord, SequencedRecord } from '@sallyport/audit';
import { MemoryEventLog, type AppendRequest } from '@sallyport/event-log';
import { TestOrganisation } from '@sallyport/gateway/testing';
import { nodeFiles, readJournalFolder } from '@sallyport/journal-file';
import { branded, type EpochMs } from '@sallyport/kernel';
import { AesSecretBox, HmacKeyedHashes, RootKey } from '@sallyport/secrets-aes';
import { hostileUpstream, type HostileUpstream } from '@sallyport/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Child } from '../e2e/world/child.js';
import { removeFolder, temporaryFolder } from '../e2e/world/temporary-folder.js';
import { call } from '../e2e/world/post.js';

const KILLS = 40;
const AGENTS = 8;
const LONGEST_LIFE_MS = 250;
const CHILD = fileURLToPath(new URL('./gateway-child.mjs', import.meta.url));

/** A small generator whose numbers follow from its seed (mulberry32), so that a failure can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe(`a gateway that is killed without warning ${KILLS} times while calls are under way`, () => {
  const seed = Number(process.env['KILL_SEED'] ?? randomInt(2 ** 31));
  const random = randomFrom(seed);
  const rootKey = randomBytes(32).toString('hex');
  let folder: string;
  let upstream: HostileUpstream;
  let token: string;
  let sent = 0;
  const answered: string[] = [];
  let records: readonly SequencedRecord[];

  const start = (): Child => Child.start(process.execPath, [CHILD, join(folder, 'facts.ndjson'), join(folder, 'journal'), rootKey]);
  const decided = (): readonly DecidedRecord[] => records.flatMap(({ record }) => (record.kind === 'decided' ? [record] : []));
  const completed = (): readonly CompletedRecord[] => records.flatMap(({ record }) => (record.kind === 'completed' ? [record] : []));
  const keyOf = (params: Readonly<Record<string, unknown>>): string => Object.keys(params['arguments'] as object)[0] ?? '';

  beforeAll(async () => {
    process.stderr.write(`kill -9: KILL_SEED=${seed}\n`);
    folder = temporaryFolder();
    upstream = await hostileUpstream('honest');
    token = await writeFacts();
    for (let kill = 0; kill < KILLS; kill += 1) await liveAndDie();
    const last = start();
    await last.until('ready');
    expect(await last.end('SIGTERM')).toEqual({ code: 0, signal: null });
    records = await readJournalFolder(nodeFiles, join(folder, 'journal'));
  }, 300_000);
  afterAll(async () => {
    await upstream.close();
    removeFolder(folder);
  });

  /** What a control plane would have appended, kept as the lines that each new process begins with. */
  async function writeFacts(): Promise<string> {
    const clock = { now: () => branded<EpochMs>(Date.now()), monotonicMs: () => performance.now() };
    const log = new MemoryEventLog();
    const append = log.append.bind(log);
    log.append = (request: AppendRequest) => {
      appendFileSync(join(folder, 'facts.ndjson'), `${JSON.stringify(request)}\n`);
      return append(request);
    };
    const root = RootKey.parse(rootKey);
    const organisation = await new TestOrganisation({ log, clock, hashes: new HmacKeyedHashes(root), secretBox: new AesSecretBox(root) }).create('acme', { auditDurability: 'disk' });
    const serverId = await organisation.registerHttp('tools', upstream.url);
    await organisation.approve(serverId, [{ name: 'do_it', description: 'Does it.', inputSchema: { type: 'object', properties: {} } }]);
    const identityId = await organisation.createIdentity();
    const policyId = await organisation.publish({ version: '1', default: 'deny', tools: { do_it: {} } });
    return (await organisation.grant({ identityId, serverId, policyId })).token;
  }

  /** One life: agents call as fast as they are answered, until the process is gone in the middle of it. Every call has an argument of its own name. */
  async function liveAndDie(): Promise<void> {
    const gateway = start();
    const port = Number((await gateway.until('ready'))['port']);
    const access = { url: `http://127.0.0.1:${port}/mcp/tools`, token };
    const agent = async (): Promise<void> => {
      for (;;) {
        const key = `k${(sent += 1)}`;
        const { result } = await call(access, 'do_it', { [key]: 1 });
        if (result?.isError !== true) answered.push(key);
      }
    };
    const agents = Array.from({ length: AGENTS }, () => agent().catch(() => undefined));
    await pause(random() * LONGEST_LIFE_MS);
    await gateway.end('SIGKILL');
    await Promise.all(agents);
  }

  it('was at work when it died', () => {
    expect(answered.length).toBeGreaterThan(KILLS);
    expect(completed().filter(({ outcome }) => outcome === 'abandoned').length).toBeGreaterThan(0);
  });

  it('sent nothing upstream without a decision on the disk [audit/decided-first]', () => {
    const kept = new Set(decided().filter(({ effect }) => effect === 'allow').flatMap(({ argumentKeys }) => argumentKeys));
    const reached = upstream.calls('do_it').map(({ params }) => keyOf(params));
    expect(reached.length).toBeGreaterThan(KILLS);
    expect(reached.filter((key) => !kept.has(key))).toEqual([]);
  });

  it('has the decision of every call that was answered [audit/nothing-lost]', () => {
    const kept = new Set(decided().flatMap(({ argumentKeys }) => argumentKeys));
    expect(answered.filter((key) => !kept.has(key))).toEqual([]);
  });

  it('numbered its records 1, 2, 3 … in each life, none twice, none left out', () => {
    const lives = new Map<string, number[]>();
    for (const { incarnation, localSeq } of records) lives.set(incarnation, [...(lives.get(incarnation) ?? []), localSeq]);
    expect(lives.size).toBeGreaterThan(KILLS / 2);
    for (const numbers of lives.values()) expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it('ended every admitted call exactly once, what was cut off as abandoned [audit/nothing-lost]', () => {
    const ends = new Map<string, number>();
    for (const { decisionId } of completed()) ends.set(decisionId, (ends.get(decisionId) ?? 0) + 1);
    const admitted = decided().filter(({ effect }) => effect === 'allow');
    expect(new Set(admitted.map(({ decisionId }) => decisionId)).size).toBe(admitted.length);
    expect(admitted.filter(({ decisionId }) => ends.get(decisionId) !== 1)).toEqual([]);
    expect(ends.size).toBe(admitted.length);
  });

  it('starts on a journal with a flipped bit, and loses the one record that had it', async () => {
    const journal = join(folder, 'damaged');
    cpSync(join(folder, 'journal'), journal, { recursive: true, filter: (path) => !path.endsWith('lock') });
    const segment = readdirSync(journal).find((name) => name.endsWith('.segment') && readFileSync(join(journal, name)).includes('["c1"', 2_000)) ?? '';
    const bytes = readFileSync(join(journal, segment));
    const at = bytes.indexOf('["c1"', 2_000);
    bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
    writeFileSync(join(journal, segment), bytes);
    const child = Child.start(process.execPath, [CHILD, join(folder, 'facts.ndjson'), journal, rootKey]);
    const port = Number((await child.until('ready'))['port']);
    expect((await call({ url: `http://127.0.0.1:${port}/mcp/tools`, token }, 'do_it', { after: 1 })).status).toBe(200);
    expect(await child.end('SIGTERM')).toEqual({ code: 0, signal: null });
    const placeOf = ({ incarnation, localSeq }: SequencedRecord): string => `${incarnation}/${localSeq}`;
    const left = new Set((await readJournalFolder(nodeFiles, journal)).map(placeOf));
    expect(records.filter((record) => !left.has(placeOf(record)))).toMatchObject([{ record: { kind: 'completed' } }]);
  });
});
