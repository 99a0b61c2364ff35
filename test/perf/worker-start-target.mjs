// One worker for `worker-start.mjs`: the gateway on the stream, as a worker composes it. Tells its parent once it was ready and has rested.
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { KafkaBroker, parseKafkaConfig } from '@sallyport/broker-kafka';
import { MemoryCounterStore } from '@sallyport/counter-store';
import { StatusReporter, StreamEventFeed } from '@sallyport/event-stream';
import { buildGateway } from '@sallyport/gateway';
import { openFileJournal } from '@sallyport/journal-file';
import { timerScheduler } from '@sallyport/kernel';
import { DEFAULT_LIMITS } from '@sallyport/operator-file';
import { AesSecretBox, HmacKeyedHashes, HmacRecordMac, RootKey } from '@sallyport/secrets-aes';
import { Ed25519TrustedKeys, parseTrustKeys } from '@sallyport/signatures-ed25519';
import { pino } from 'pino';

import { boundHeapGrowth } from '../../apps/gateway/dist/worker/bound-heap.js';

boundHeapGrowth();
const REST_MS = 10_000;
const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
const scheduler = timerScheduler(globalThis);
const onFault = (fault) => process.stderr.write(`${fault.code}: ${fault.message}\n`);

const config = parseKafkaConfig(process.env);
const trusted = parseTrustKeys(process.env['SALLYPORT_TRUST_KEYS']);
if (!config.ok || !trusted.ok) throw new Error('bad environment');
const broker = new KafkaBroker({ config: config.value, clientId: 'worker' });
const feed = new StreamEventFeed({ broker, keys: new Ed25519TrustedKeys(trusted.value), clock, scheduler, onFault, cacheFile: process.env['BENCH_COPY'] });
const root = RootKey.parse('07'.repeat(32));
const incarnation = '01930000-0000-7000-8000-0000000000f1';
const journal = await openFileJournal({ folder: process.env['BENCH_JOURNAL'], incarnation, clock, onBroken: (error) => { throw error; }, bus: { publish: async () => undefined }, maxBytes: 64 * 1_048_576 });
const gateway = buildGateway({
  workerId: 'bench', feed, journal, counters: new MemoryCounterStore(), secretBox: new AesSecretBox(root), hashes: new HmacKeyedHashes(root),
  operatorFile: { stdio: [], egress: { allow: [], ports: [] }, limits: DEFAULT_LIMITS }, clock, log: pino({ level: 'error' }), fatal: (error) => { throw error; },
});
const status = new StatusReporter({ broker, mac: new HmacRecordMac(root), workerId: 'bench', incarnation, worker: gateway, stream: feed, clock, scheduler, onFault });

await gateway.start();
while (gateway.ready().length > 0) await delay(5);
const readyMs = Date.now() - Number(process.env['BENCH_STARTED_MS']);
const peakMiB = process.resourceUsage().maxRSS / 1024;
await delay(REST_MS / 2);
const before = process.cpuUsage();
const beganMs = performance.now();
await delay(REST_MS);
const used = process.cpuUsage(before);
const organisations = [...gateway.organisations().values()];
const rss = process.memoryUsage.rss();
setFlagsFromString('--expose-gc');
runInNewContext('gc')();
const mib = (bytes) => Math.round(bytes / 2 ** 20);
process.send({
  readyMs, peakMiB: Math.round(peakMiB), rssMiB: mib(rss), heldMiB: mib(process.memoryUsage().heapUsed + process.memoryUsage().external), rssCollectedMiB: mib(process.memoryUsage.rss()),
  idleCpuPercent: Number(((used.user + used.system) / 1000 / (performance.now() - beganMs) * 100).toFixed(2)),
  organisations: organisations.length, grants: organisations.reduce((sum, { state }) => sum + state.grants.size, 0), refused: organisations.filter(({ refusal }) => refusal !== null).length,
});
await status.close();
await gateway.stop();
await journal.close();
await broker.close();
process.exit(0);
