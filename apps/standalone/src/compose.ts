import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { join } from 'node:path';

import type { AuditBus, SequencedRecord } from '@sallyport/audit';
import { buildControlPlane, FileHeadMemory, upstreamInspector, type ControlPlane } from '@sallyport/control-plane';
import { MemoryCounterStore } from '@sallyport/counter-store';
import { buildGateway, InProcessStatusBoard, logRecovery, type Gateway, type StatusSource } from '@sallyport/gateway';
import { openFileJournal, type FileJournal } from '@sallyport/journal-file';
import type { Clock } from '@sallyport/kernel';
import type { OperatorFile } from '@sallyport/operator-file';
import type { RootKey } from '@sallyport/secrets-aes';
import { AesSecretBox, HmacKeyedHashes } from '@sallyport/secrets-aes';
import { openAuditKeys } from '@sallyport/signatures-ed25519';
import type { Logger } from 'pino';
import { Registry, collectDefaultMetrics } from 'prom-client';

/** What the two planes in this process are made from. */
export interface DeploymentParts {
  readonly databaseUrl: string;
  readonly dataFolder: string;
  readonly rootKey: RootKey;
  readonly operatorFile: OperatorFile;
  readonly server: Server;
  readonly explorer: boolean;
  readonly gatewayUrl: string;
  readonly publicNames: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of decisions once they are stored. */
  readonly seen: (batch: readonly SequencedRecord[]) => void;
  /** Told that the process must end at once. */
  readonly fatal: (error: unknown) => void;
}

/** Control plane and gateway in one process. */
export interface Deployment {
  readonly controlPlane: ControlPlane;
  readonly gateway: Gateway;
  readonly journal: FileJournal;
  readonly metrics: Registry;
}

/** The only worker of an embedded deployment. */
const WORKER_ID = 'embedded';

/**
 * Composes the embedded deployment, by hand, top to bottom:
 *
 *   PostgreSQL ◀─ control plane ─ feed ─▶ gateway ─ journal ─▶ bus ─▶ control plane's store
 *                      └──── status board ◀──┘
 */
export async function composeDeployment(parts: DeploymentParts): Promise<Deployment> {
  const secretBox = new AesSecretBox(parts.rootKey);
  const hashes = new HmacKeyedHashes(parts.rootKey);
  const workers: StatusSource[] = [];
  const controlPlane = await buildControlPlane({
    databaseUrl: parts.databaseUrl,
    secretBox,
    hashes,
    auditSigning: { keys: openAuditKeys(parts.dataFolder), heads: new FileHeadMemory(parts.dataFolder) },
    operatorFile: parts.operatorFile,
    board: new InProcessStatusBoard(workers),
    clock: parts.clock,
    log: parts.log,
    server: parts.server,
    explorer: parts.explorer,
    gatewayUrl: parts.gatewayUrl,
    inspect: upstreamInspector(parts.operatorFile),
  });
  const journal = await openFileJournal({
    folder: join(parts.dataFolder, 'journal'),
    incarnation: randomUUID(),
    clock: parts.clock,
    onBroken: parts.fatal,
    bus: observedBus(controlPlane.auditBus, parts.seen),
    maxBytes: parts.operatorFile.limits.journalBytes,
  });
  logRecovery(journal.recovery, parts.log);
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const gateway = buildGateway({
    workerId: WORKER_ID,
    feed: controlPlane.feed,
    journal,
    counters: await restoredCounters(controlPlane, journal, parts.clock),
    secretBox,
    hashes,
    operatorFile: parts.operatorFile,
    clock: parts.clock,
    log: parts.log,
    publicNames: parts.publicNames,
    metrics,
    toolsMayHaveChanged: (organisationId, serverId) => void controlPlane.noticeToolsChange(organisationId, serverId),
    fatal: parts.fatal,
  });
  workers.push(gateway);
  return { controlPlane, gateway, journal, metrics };
}

/** Counters of windows of an hour and longer, as the stored decisions left them; what the journal still held is stored first. */
async function restoredCounters(controlPlane: ControlPlane, journal: FileJournal, clock: Clock): Promise<MemoryCounterStore> {
  await journal.drained();
  const counters = new MemoryCounterStore();
  for await (const spent of controlPlane.chargesSince(clock.now())) counters.seed([spent]);
  return counters;
}

function observedBus(store: AuditBus, seen: (batch: readonly SequencedRecord[]) => void): AuditBus {
  return {
    publish: async (batch) => {
      await store.publish(batch);
      seen(batch);
    },
  };
}
