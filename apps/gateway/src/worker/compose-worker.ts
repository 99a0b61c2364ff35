import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { KafkaBroker } from '@sallyport/broker-kafka';
import { RedisConnection, RedisCounterStore, RedisMarkStore } from '@sallyport/counter-store-redis';
import { LARGEST_AUDIT_RECORD_BYTES, StatusReporter, StreamAuditBus, StreamEventFeed } from '@sallyport/event-stream';
import { openFileJournal, type FileJournal } from '@sallyport/journal-file';
import { timerScheduler } from '@sallyport/kernel';
import { AesSecretBox, HmacKeyedHashes, HmacRecordMac, RootKey } from '@sallyport/secrets-aes';
import { openRootKey, readOperatorFile, systemClock, tellFaults, type ServiceSurroundings, type StopList } from '@sallyport/service-host';
import { Ed25519TrustedKeys } from '@sallyport/signatures-ed25519';
import { Registry } from 'prom-client';
import { v7 as uuidv7 } from 'uuid';

import { buildGateway, type Gateway } from '../gateway.js';
import { countRefusedRecords } from '../telemetry/refused-records.js';
import { collectProcessMetrics } from '../telemetry/worker-process-metrics.js';
import { LiveWorkers } from './live-workers.js';
import { logRecovery } from './log-recovery.js';
import type { WorkerConfig } from './worker-config.js';

/** What a worker is composed from. */
export interface WorkerParts extends ServiceSurroundings {
  readonly config: WorkerConfig;
  readonly workerId: string;
  /** Names under which clients reach it, without port. */
  readonly publicNames: readonly string[];
  readonly stops: StopList;
}

/** A worker that does not follow the stream yet. */
export interface Worker {
  readonly gateway: Gateway;
  readonly journal: FileJournal;
  readonly metrics: Registry;
}

const scheduler = timerScheduler(globalThis);
/** How long a start waits for Redis, so that the first calls find it, milliseconds; without it hard limits deny until it is there. */
const REDIS_MS = 1_000;

/**
 * Composes a worker, by hand, top to bottom:
 *
 *   broker ─ feed (verified) ─▶ gateway ─ journal ─▶ broker        counters ─▶ Redis        no database
 *     ▲ └────── live workers ──────┘ │
 *     └────────── status ────────────┘
 */
export async function composeWorker(parts: WorkerParts): Promise<Worker> {
  const { config, workerId, log, stops } = parts;
  const incarnation = uuidv7();
  const rootKey = openRootKey(config, RootKey.parse);
  const mac = new HmacRecordMac(rootKey);
  const broker = new KafkaBroker({ config: config.kafka, clientId: `sallyport-${workerId}` });
  stops.add('broker', () => broker.close());
  const onFault = tellFaults({ log, event: 'stream.failed', sentence: 'the stream from the control plane is disturbed; trying again', nowMs: () => systemClock.monotonicMs() });
  const feed = new StreamEventFeed({ broker, keys: new Ed25519TrustedKeys(config.trustKeys), clock: systemClock, scheduler, onFault, cacheFile: join(config.dataFolder, 'stream.cache') });
  const operatorFile = readOperatorFile(config.operatorFile, config.isOperatorFileNamed);
  const journal = await openFileJournal({
    folder: join(config.dataFolder, 'journal'),
    incarnation,
    clock: systemClock,
    onBroken: parts.fatal,
    bus: new StreamAuditBus({ broker, mac, workerId }),
    maxBytes: operatorFile.limits.journalBytes,
    maxRecordBytes: LARGEST_AUDIT_RECORD_BYTES,
  });
  logRecovery(journal.recovery, log);
  const metrics = new Registry();
  collectProcessMetrics(metrics);
  const { counters, marks, reached } = openCounters(parts, LiveWorkers.follow(broker, { mac, clock: systemClock, onRefused: countRefusedRecords(metrics), onFault }));
  const gateway = buildGateway({
    workerId,
    feed,
    journal,
    counters,
    marks,
    secretBox: new AesSecretBox(rootKey),
    hashes: new HmacKeyedHashes(rootKey),
    operatorFile,
    clock: systemClock,
    log,
    publicNames: parts.publicNames,
    metrics,
    fatal: parts.fatal,
  });
  await Promise.race([reached, pause(REDIS_MS, undefined, { ref: false })]);
  const status = new StatusReporter({ broker, mac, workerId, incarnation, worker: gateway, stream: feed, clock: systemClock, scheduler, onFault });
  stops.add('status', () => status.close());
  return { gateway, journal, metrics };
}

function openCounters({ config, log, stops }: WorkerParts, workers: LiveWorkers): { readonly counters: RedisCounterStore; readonly marks: RedisMarkStore; readonly reached: Promise<void> } {
  const redis = new RedisConnection({ url: config.redisUrl });
  stops.add('redis', async () => redis.close());
  const counters = new RedisCounterStore({
    redis,
    liveWorkers: () => workers.count,
    onChange: (state, why) => log.warn({ event: `counters.${state}`, why }, state === 'away' ? 'Redis is away: hard limits deny, soft ones are shared out' : 'Redis is back'),
  });
  stops.add('counters', async () => counters.close());
  return { counters, marks: new RedisMarkStore({ redis }), reached: redis.reachable() };
}
