// The gateway as it runs in production, on the log in memory: token, policy of 20 rules, one limit, journal on disk, figures counted.
// argv: upstream's port, durability (process | disk), folder for the journal, `ship` where the journal is to be emptied meanwhile
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { MemoryCounterStore } from '@sallyport/counter-store';
import { MemoryEventFeed, MemoryEventLog } from '@sallyport/event-log';
import { buildGateway } from '@sallyport/gateway';
import { openFileJournal } from '@sallyport/journal-file';
import { parseOperatorFile } from '@sallyport/operator-file';
import { AesSecretBox, HmacKeyedHashes, RootKey } from '@sallyport/secrets-aes';
import { pino } from 'pino';
import { Registry } from 'prom-client';

import { TestOrganisation } from '../../apps/gateway/dist/testing/test-organisation.js';

const [upstreamPort, durability, folder, shipping] = process.argv.slice(2);
const TOOL = 'bench_tool';

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
const rootKey = RootKey.parse('7'.repeat(64));
const hashes = new HmacKeyedHashes(rootKey);
const secretBox = new AesSecretBox(rootKey);
const log = new MemoryEventLog();
const feed = new MemoryEventFeed(log, clock);
const operatorFile = parseOperatorFile('egress:\n  allow: [127.0.0.0/8]\n').value;
const fatal = (error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
};

/** Twenty rules over the call's arguments, all of which let it pass, and one limit that is never reached. */
function policy() {
  const ops = [['lt', 1_000_000], ['gt', -1], ['neq', 'forbidden'], ['exists', true]];
  const require = ops.map(([op, value], n) => ({ conditions: [{ path: ['args.amount', 'args.amount', 'args.note', 'args.account'][n], op, value }] }));
  const denyIf = Array.from({ length: 16 }, (_, n) => ({ conditions: [{ path: 'args.account', op: 'eq', value: `blocked-${n}` }] }));
  const limits = [{ counter: 'calls', window: 'minute', max: 1_000_000_000, scope: 'grant' }];
  return { version: '1', default: 'deny', tools: { [TOOL]: { require, deny_if: denyIf, limits } } };
}

function manyTools(count) {
  return Array.from({ length: count }, (_, n) => ({
    name: n === 0 ? TOOL : `tool_${n}`,
    description: `Tool number ${n}, described in a sentence of ordinary length for a list.`,
    inputSchema: { type: 'object', properties: { amount: { type: 'number' }, account: { type: 'string' }, note: { type: 'string' } } },
  }));
}

const organisation = await new TestOrganisation({ log, clock, hashes, secretBox }).create('bench', { auditDurability: durability });
const serverId = await organisation.registerHttp('bench', `http://127.0.0.1:${upstreamPort}/mcp`);
await organisation.approve(serverId, manyTools(400), ['legacy', 'modern'], ['2026-07-28', '2025-11-25']);
const identityId = await organisation.createIdentity('bench');
const document = policy();
for (let n = 1; n < 400; n += 1) document.tools[`tool_${n}`] = {};
const policyId = await organisation.publish(document);
const grant = await organisation.grant({ identityId, serverId, policyId });

const journal = await openFileJournal({ folder, incarnation: randomUUID(), clock, onBroken: fatal, ...(shipping === 'ship' ? { bus: { publish: async () => undefined } } : {}) });
const gateway = buildGateway({
  workerId: 'bench',
  feed,
  journal,
  counters: new MemoryCounterStore(),
  secretBox,
  hashes,
  operatorFile,
  clock,
  log: pino({ level: 'error' }, pino.destination(2)),
  fatal,
  metrics: new Registry(),
});
setInterval(() => feed.beat(), 500);
await gateway.start();
feed.beat();
const server = createServer((request, response) => gateway.handle(request, response));
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, token: grant.token, tool: TOOL }));
process.on('message', (message) => {
  if (message === 'collect') globalThis.gc?.();
  process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss, heap: process.memoryUsage().heapUsed });
});
process.on('disconnect', () => process.exit(0));
