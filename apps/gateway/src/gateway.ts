import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay, setImmediate as endOfTurn } from 'node:timers/promises';

import type { WorkerStatus } from '@sallyport/event-log';
import type { StdioServer } from '@sallyport/upstream';
import type { OrganisationId } from '@sallyport/kernel';

import { buildCore, type OwnedCore } from './build-core.js';
import type { GatewayParts } from './gateway-parts.js';
import { serveMcp } from './http/serve-mcp.js';
import type { OrganisationSnapshot } from './snapshot/organisation-snapshot.js';
import { GATEWAY_VERSION } from './notes/gateway-version.js';
import { SweepTimers } from './sweep-timers.js';
import { standingOf, statusOfWorker, whatIsMissing } from './worker-state.js';

/** How long `stop` waits for calls in flight, milliseconds. */
export const DRAIN_MS = 10_000;

/** How long `stop` waits for upstreams to take note that sessions are over, milliseconds. */
const FAREWELL_MS = 1_000;

/** How one organisation stands on this worker; read it before anything else happens. */
export type OrganisationStanding = Pick<OrganisationSnapshot, 'organisationId' | 'revision' | 'state' | 'refusal'>;

/** A worker of the data plane: everything under `/mcp`. */
export interface Gateway {
  /** Serves one request. Mounted for `/mcp` and everything below it, with nothing in front that reads the body. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Follows the log; resolves when everything committed before the call is applied. */
  start(): Promise<void>;
  /**
   * Refuses new requests, lets calls in flight end for at most 10 s, then ends streams, processes and connections. A part that fails
   * keeps no other from being ended; the first failure is thrown at the end.
   */
  stop(): Promise<void>;
  /** What is missing before it may take traffic; empty when ready. */
  ready(): readonly string[];
  status(): WorkerStatus;
  /** `status` without the revisions, which are many. */
  standing(): Pick<WorkerStatus, 'state' | 'stampAgeMs'>;
  /** Every organisation this worker knows, as it stands: revision, folded state, and why it is refused if it is. */
  organisations(): ReadonlyMap<OrganisationId, OrganisationStanding>;
  /** Calls back after an organisation's state moved on, or was refused. The answer ends it. */
  onApplied(listener: (organisationId: OrganisationId) => void): () => void;
  /** Fetches what is committed now, without waiting for the feed's next round. */
  nudge(): void;
  /** The process behind a stdio server of an organisation, for listing its tools; `undefined` when this worker has none. */
  stdioServer(organisationId: OrganisationId, slug: string): StdioServer | undefined;
}

/** Builds a gateway over its parts. Nothing runs until `start`. */
export function buildGateway(parts: GatewayParts): Gateway {
  const core = buildCore(parts);
  const timers = new SweepTimers(core);
  return {
    handle: (request, response) => serveMcp(core, request, response),
    start: async () => {
      timers.start();
      core.books.notes.note(null, { kind: 'workerStarted', version: GATEWAY_VERSION });
      await core.follower.start();
    },
    stop: () => stop(core, timers),
    ready: () => whatIsMissing(core),
    status: () => statusOfWorker(core, parts.workerId),
    standing: () => standingOf(core),
    organisations: () => core.store.organisations,
    onApplied: (listener) => core.store.onApplied(({ organisationId }) => listener(organisationId)),
    nudge: () => core.follower.nudge(),
    stdioServer: (organisationId, slug) => {
      const organisation = core.store.organisations.get(organisationId);
      return organisation === undefined ? undefined : core.stdio.of(organisation, slug);
    },
  };
}

async function stop(core: OwnedCore, timers: SweepTimers): Promise<void> {
  if (core.isClosing()) return;
  core.close();
  await everyStep([
    () => endOfTurn(), // what was read to its end by now counts as under way then
    () => core.calls.drained(DRAIN_MS),
    () => core.calls.endAll(),
    () => everyStep([...core.sessions.all()].map((session) => () => core.sessions.end(session))),
    () => timers.stop(),
    () => core.follower.stop(),
    () => core.failures.report(),
    () => core.books.notes.note(null, { kind: 'workerStopped' }),
    () => core.stdio.stop(),
    () => Promise.race([core.upstreams.close(), delay(FAREWELL_MS, undefined, { ref: false })]),
  ]);
}

/** Takes every step, one after the other, whatever becomes of those before. @throws what the first that failed threw. */
async function everyStep(steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (caught) {
      failures.push(caught);
    }
  }
  if (failures.length > 0) throw failures[0];
}
