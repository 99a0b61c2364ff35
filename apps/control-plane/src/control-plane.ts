import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import type { AuditBus } from '@sallyport/audit';
import type { CounterSeed } from '@sallyport/counter-store';
import type { SpentSource } from '@sallyport/counter-store-redis';
import type { EventFeed, EventLog, WorkerStatusBoard } from '@sallyport/event-log';
import type { Relay } from '@sallyport/event-stream';
import type { Clock, EpochMs, OrganisationId, Scheduler, ServerId } from '@sallyport/kernel';
import type { OperatorFile } from '@sallyport/operator-file';
import type { KeyedHashes, RotatingKeys, SecretBox } from '@sallyport/secrets';
import type { SinkType } from '@sallyport/sinks';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

import type { Bootstrap } from './bootstrap.js';
import type { InspectUpstream } from './platform/inspect-upstream.js';
import type { ControlPlaneStream } from './platform/stream/control-plane-stream.js';
import type { HeadMemory } from './slices/audit/sign/head-memory.js';

/** What a control plane is made from: with workers in its own process it is given their board, otherwise the stream to them. */
export type ControlPlaneParts = CommonParts & ({ readonly board: WorkerStatusBoard; readonly stream?: undefined } | { readonly stream: ControlPlaneStream; readonly board?: undefined });

/** What a control plane is made from wherever its workers are. */
export interface CommonParts {
  /** A login that may create tables and the two or three roles that serve; owner of the database in the embedded deployment. */
  readonly databaseUrl: string;
  readonly secretBox: SecretBox;
  readonly hashes: KeyedHashes;
  /** What the heads of audit streams are signed with, and what was signed last: both outside of the database. */
  readonly auditSigning: AuditSigning;
  readonly operatorFile: OperatorFile;
  readonly clock: Clock;
  readonly log: Logger;
  /** The caller's server: it listens, routes requests to `handler`, and its upgrades on `/graphql` become subscriptions. */
  readonly server: Server;
  /** Whether the GraphQL explorer and introspection are offered: never on a listener that others can reach. */
  readonly explorer: boolean;
  /** Base of a grant's address: `<gatewayUrl>/mcp/<slug>`, no slash at the end. */
  readonly gatewayUrl: string;
  /** Lists an upstream's tools; bound by the caller, who owns connections and processes. */
  readonly inspect: InspectUpstream;
  /** The kinds of sink there are; every one that this version has when left out. */
  readonly sinkTypes?: readonly SinkType[];
  /** When work that repeats is due; the machine's timers when left out. */
  readonly scheduler?: Scheduler;
}

/** What signs the heads of audit streams, in the data folder: see `openAuditKeys` and `FileHeadMemory`. */
export interface AuditSigning {
  readonly keys: RotatingKeys;
  readonly heads: HeadMemory;
}

/** A running control plane. */
export interface ControlPlane {
  /** Answers `/`, `/graphql` and the explorer's files; 404 for the rest. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Stores workers' records for search, idempotently, and delivers them to `decisionStream`. */
  readonly auditBus: AuditBus;
  readonly eventLog: EventLog;
  /** Resolves when the administration committed so far, and the sign-ins counted so far, are in the audit streams. */
  auditTold(): Promise<void>;
  /** Signs the heads of all audit streams now rather than when they are due; `false` where another process signs. */
  signAuditHeads(): Promise<boolean>;
  /** Follows the log; what an embedded gateway gets its state from. */
  readonly feed: EventFeed;
  /** Units spent in windows of an hour and longer that are still open at an instant, for restoring counters. */
  chargesSince(atMs: EpochMs): AsyncIterable<CounterSeed>;
  /** What organisations spent, for counters that workers in other processes share; null where they are in this one. */
  readonly spent: SpentSource | null;
  readonly bootstrap: Bootstrap;
  /** What publishes changes to workers in other processes; null where they are in this one. */
  readonly relay: Relay | null;
  /** A hint that a server's tools may have changed, such as its own `list_changed`; looks now instead of later. Never throws. */
  noticeToolsChange(organisationId: OrganisationId, serverId: ServerId): Promise<void>;
  /** What is missing before traffic may come, one sentence each; empty when ready. */
  ready(): Promise<readonly string[]>;
  /** Figures of this part, for `/metrics`. */
  readonly metrics: Registry;
  /** Ends subscriptions, lets requests under way finish, closes the database. The caller's server is left alone. */
  close(): Promise<void>;
}
