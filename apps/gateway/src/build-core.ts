import { FRAME_LIMITS, eraOf } from '@sallyport/mcp-protocol';
import { timerScheduler } from '@sallyport/kernel';
import { MemoryMarkStore } from '@sallyport/counter-store';
import type { OperatorLimits } from '@sallyport/operator-file';
import { EgressGuard, HttpUpstreams, type HttpUpstreamLimits } from '@sallyport/upstream';

import type { Logger } from 'pino';

import type { GatewayCore } from './gateway-core.js';
import type { GatewayParts } from './gateway-parts.js';
import { answer } from './http/client-answer.js';
import { OriginGuard } from './http/origin-guard.js';
import { FreshnessWatch } from './notes/freshness-watch.js';
import { JournalWatch } from './notes/journal-watch.js';
import { WorkerNotes } from './notes/worker-notes.js';
import { CallsInFlight } from './pipeline/calls-in-flight.js';
import { EndOfTurn } from './pipeline/end-of-turn.js';
import { DecisionIds } from './pipeline/decision-ids.js';
import { CredentialCheck } from './pipeline/identify-credential.js';
import type { Exchange } from './pipeline/exchange.js';
import { StdioResponses } from './pipeline/stdio-responses.js';
import { endUpstreamSession } from './sessions/close-session.js';
import { Introductions } from './sessions/introductions.js';
import { SessionTable } from './sessions/session-table.js';
import { GrantBindings } from './snapshot/grant-binding.js';
import { LogFollower } from './snapshot/log-follower.js';
import type { OrganisationSnapshot } from './snapshot/organisation-snapshot.js';
import { SnapshotStore } from './snapshot/snapshot-store.js';
import { CredentialFailures } from './telemetry/credential-failures.js';
import { GatewayMetrics, type GaugeSources } from './telemetry/gateway-metrics.js';
import { ToolCatalogues } from './tools/tool-catalogue.js';
import { ToolChangeHints } from './tools/tool-change-hints.js';
import { ToolWatchers } from './tools/tool-watchers.js';
import { HttpTargets } from './upstream/http-targets.js';
import { StdioServers } from './upstream/stdio-servers.js';
import { stampAgeMs } from './worker-state.js';

const KEEP_ALIVE_MS = 30_000;
const CATALOGUE_BYTES = 64 * 1_048_576;

/** The core with what only its owner may touch. */
export interface OwnedCore extends GatewayCore {
  readonly upstreams: HttpUpstreams;
  /** From now on new requests are refused. */
  close(): void;
}

/** Builds everything a gateway consists of, in the order things need each other. Nothing runs yet. */
export function buildCore(parts: GatewayParts): OwnedCore {
  const { clock, log, hashes, operatorFile } = parts;
  const { limits } = operatorFile;
  const state = { isClosing: false, isJournalBroken: false };
  const { store, follower } = followLog(parts);
  const bindings = new GrantBindings(store.tokens, hashes);
  const guard = new EgressGuard(operatorFile.egress);
  const upstreams = new HttpUpstreams(guard, upstreamLimits(limits), timerScheduler(globalThis));
  const ways = new HttpTargets(upstreams, guard, parts.secretBox);
  const sessions = new SessionTable({ maxSessions: limits.maxSessions, idleMs: limits.sessionIdleMs }, (session) => endUpstreamSession({ ways }, session));
  const catalogues = new ToolCatalogues(CATALOGUE_BYTES);
  const ids = new DecisionIds();
  const notes = new WorkerNotes({ workerId: parts.workerId, journal: parts.journal, clock, ids });
  const core: OwnedCore = {
    books: { clock, ids, notes, journal: parts.journal, counters: parts.counters, marks: parts.marks ?? new MemoryMarkStore(), metrics: undefined, log },
    hashes,
    secretBox: parts.secretBox,
    limits,
    frameLimits: { ...FRAME_LIMITS, bodyBytes: limits.requestBytes },
    store,
    follower,
    bindings,
    origins: new OriginGuard(parts.publicNames ?? []),
    credentials: new CredentialCheck(store.tokens, bindings, hashes),
    failures: new CredentialFailures(log, notes),
    freshness: new FreshnessWatch({ store, notes, clock, hasCaughtUp: () => follower.caughtUp }),
    journalWatch: new JournalWatch(parts.journal, notes, clock),
    catalogues,
    toolWatchers: new ToolWatchers(bindings, catalogues),
    toolChanges: new ToolChangeHints(clock, (organisationId, serverId) => parts.toolsMayHaveChanged?.(organisationId, serverId)),
    ways,
    stdio: new StdioServers(operatorFile.stdio, store.organisations, log),
    stdioResponses: new StdioResponses(),
    sessions,
    introductions: new Introductions(),
    calls: new CallsInFlight(limits.concurrentCallsPerIdentity),
    bodies: new EndOfTurn(),
    answers: new EndOfTurn(),
    upstreams,
    isModern: (revision) => eraOf(revision) === 'modern',
    isClosing: () => state.isClosing,
    supervise: (exchange, work) => void work.catch((error: unknown) => abandon(log, exchange, error)),
    isJournalBroken: () => state.isJournalBroken,
    close: () => void (state.isClosing = true),
    journalBroken: (error) => {
      if (state.isJournalBroken) return;
      state.isJournalBroken = true;
      log.fatal({ err: error }, 'the decision journal is broken: the gateway refuses every call and has to end');
      parts.fatal(error);
    },
  };
  store.onApplied((organisation) => core.toolWatchers.look(organisation));
  store.onApplied((organisation) => sessions.sweep(clock.now(), ({ terms }) => terms.binding.organisation === organisation && bindings.of(terms.binding.entry) === undefined));
  if (parts.metrics === undefined) return core;
  return { ...core, books: { ...core.books, metrics: new GatewayMetrics(parts.metrics, gaugesOf(core)) } };
}

function upstreamLimits(limits: OperatorLimits): HttpUpstreamLimits {
  return { connections: limits.connectionsPerUpstream, waiting: limits.waitingPerUpstream, connectTimeoutMs: limits.connectTimeoutMs, keepAliveMs: KEEP_ALIVE_MS };
}

/** Ends an exchange that failed in a way nobody foresaw. */
export function abandon(log: Logger, { response, requestId }: Exchange, error: unknown): void {
  log.error({ err: error }, 'a request failed');
  answer(response, requestId, { status: 500 });
  if (!response.writableEnded) response.destroy();
}

function followLog({ feed, log }: GatewayParts): { readonly store: SnapshotStore; readonly follower: LogFollower } {
  const store = new SnapshotStore({
    onGap: (organisation, found) => {
      log.error({ organisation: organisation.slug, applied: organisation.revision, found }, 'events are missing: the organisation is denied until the log was read again');
      queueMicrotask(() => follower.repair());
    },
    onRefused: (organisation, sentence) => log.error({ organisation: organisation.slug || organisation.organisationId }, `the organisation is refused: ${sentence}`),
  });
  const follower = new LogFollower(feed, store);
  return { store, follower };
}

function gaugesOf(core: GatewayCore): GaugeSources {
  const organisations = (): readonly OrganisationSnapshot[] => [...core.store.organisations.values()];
  return {
    sessions: () => core.sessions.size,
    callsInFlight: () => core.calls.size,
    stampAgeSeconds: () => (stampAgeMs(core) ?? Number.NaN) / 1000,
    organisations: () => organisations().length,
    refusedOrganisations: () => organisations().filter((organisation) => organisation.refusal !== null).length,
    journal: () => core.books.journal.condition(),
    eventsApplied: () => organisations().reduce((sum, organisation) => sum + organisation.revision, 0),
  };
}
