// How soon a worker is ready against a large deployment, and what it holds: `node test/perf/worker-start.mjs [--organisations N] [--grants N] [--json]`.
// A real Kafka (`KAFKA_BROKERS`, or one of its own), the control plane's side signed here, the worker a process of its own: once with nothing, once with its copy.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { deploymentTopics, TOPIC } from '@sallyport/broker';
import { KafkaBroker, parseKafkaConfig } from '@sallyport/broker-kafka';
import { signedPublications } from '@sallyport/event-stream';
import { startKafka } from '@sallyport/services-local';
import { Ed25519Signer, publicKeyText } from '@sallyport/signatures-ed25519';

import { RETURNING_MEMORY } from '../../apps/standalone/dist/distributed/child-environment.js';
import { organisations, snapshotOf } from './stream-population.mjs';

const { values } = parseArgs({ options: { organisations: { type: 'string', default: '10000' }, grants: { type: 'string', default: '100000' }, json: { type: 'boolean', default: false } } });
const sizes = { count: Number(values.organisations), grants: Number(values.grants) };
const BATCH = 200;
const STAMP_MS = 500;
const say = (text) => process.stderr.write(`${text}\n`);

const folder = mkdtempSync(join(tmpdir(), 'sallyport-worker-start-'));
const kafka = process.env['KAFKA_BROKERS'] === undefined ? await startKafka({ dataFolder: join(folder, 'kafka') }) : undefined;
const environment = { ...process.env, KAFKA_BROKERS: kafka?.brokers ?? process.env['KAFKA_BROKERS'], KAFKA_TOPIC_PREFIX: `bench-${process.pid}.` };
const config = parseKafkaConfig(environment);
if (!config.ok) throw new Error(JSON.stringify(config.refusal));
const broker = new KafkaBroker({ config: config.value, clientId: 'bench' });
const signer = Ed25519Signer.generate();

async function publishAll() {
  const frontier = { kind: 'frontier', committedBefore: Date.now(), position: 0, snapshots: new Map() };
  let batch = [];
  let bytes = 0;
  for (const fold of organisations(sizes)) {
    batch.push(...signedPublications(signer, TOPIC.snapshots, snapshotOf(fold)));
    frontier.snapshots.set(fold.organisationId, fold.revision);
    frontier.position += fold.revision;
    if (batch.length < BATCH) continue;
    bytes += batch.reduce((sum, { value }) => sum + value.length, 0);
    await broker.publish(batch);
    batch = [];
  }
  await broker.publish([...batch, ...signedPublications(signer, TOPIC.snapshots, frontier)]);
  return { position: frontier.position, bytes };
}

function stampOf(position) {
  return signedPublications(signer, TOPIC.events, { kind: 'stamp', committedBefore: Date.now(), position });
}

/** Starts a worker and asks what it measured of itself. */
function measure(copy) {
  const child = fork(new URL('./worker-start-target.mjs', import.meta.url), [], { env: { ...RETURNING_MEMORY, ...environment, SALLYPORT_TRUST_KEYS: publicKeyText(signer.publicKey), BENCH_COPY: copy, BENCH_JOURNAL: join(folder, 'journal'), BENCH_STARTED_MS: String(Date.now()) } });
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the worker ended with ${code} before it was ready`)));
  });
}

let stamping;
try {
  await broker.ensureTopics(deploymentTopics(1));
  say(`publishing ${sizes.count} organisations with ${sizes.grants} grants`);
  const { position, bytes } = await publishAll();
  await broker.publish(stampOf(position));
  stamping = setInterval(() => void broker.publish(stampOf(position)).catch((fault) => say(String(fault))), STAMP_MS);
  const copy = join(folder, 'stream.cache');
  say(`${(bytes / 2 ** 20).toFixed(1)} MiB of snapshots; starting a worker with nothing`);
  const fromSnapshots = await measure(copy);
  say('starting a worker with its copy');
  const fromCopy = await measure(copy);
  const result = { ...sizes, snapshotsMiB: bytes / 2 ** 20, fromSnapshots, fromCopy };
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`);
  const isWithin = [fromSnapshots, fromCopy].every(({ readyMs, rssMiB }) => readyMs <= 10_000 && rssMiB <= 286);
  process.exitCode = isWithin ? 0 : 1;
} finally {
  clearInterval(stamping);
  await broker.close();
  await kafka?.stop();
  rmSync(folder, { recursive: true, force: true });
}
