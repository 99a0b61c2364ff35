// A gateway in a process of its own that can be killed: `gateway-child.mjs FACTS JOURNAL ROOTKEY`. Its state comes from a file of
// appended facts, its journal is the real one, on the disk, without a bus: what was decided stays there to be read.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { MemoryCounterStore } from '@sallyport/counter-store';
import { MemoryEventFeed, MemoryEventLog } from '@sallyport/event-log';
import { buildGateway } from '@sallyport/gateway';
import { openFileJournal } from '@sallyport/journal-file';
import { DEFAULT_LIMITS } from '@sallyport/operator-file';
import { AesSecretBox, HmacKeyedHashes, RootKey } from '@sallyport/secrets-aes';
import { pino } from 'pino';

const [factsFile, folder, rootKey] = process.argv.slice(2);
const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
const log = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }));

const eventLog = new MemoryEventLog();
for (const line of readFileSync(factsFile, 'utf8').trim().split('\n')) await eventLog.append(JSON.parse(line));
const feed = new MemoryEventFeed(eventLog, clock);
setInterval(() => feed.beat(), 500).unref();

const fatal = (error) => {
  log.fatal({ err: error });
  process.exit(1);
};
const journal = await openFileJournal({ folder, incarnation: randomUUID(), clock, onBroken: fatal });
const root = RootKey.parse(rootKey);
const gateway = buildGateway({
  workerId: 'child',
  feed,
  journal,
  counters: new MemoryCounterStore(),
  secretBox: new AesSecretBox(root),
  hashes: new HmacKeyedHashes(root),
  operatorFile: { stdio: [], egress: { allow: [{ cidr: '127.0.0.0/8' }], ports: [] }, limits: DEFAULT_LIMITS },
  clock,
  log,
  fatal,
});
await gateway.start();
const server = createServer((request, response) => gateway.handle(request, response));
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ event: 'ready', port: server.address().port })}\n`));
process.once('SIGTERM', async () => {
  server.close();
  await gateway.stop();
  await journal.close();
  process.exit(0);
});
