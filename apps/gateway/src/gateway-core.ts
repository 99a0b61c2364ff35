import type { KeyedHashes, SecretBox } from '@sallyport/secrets';
import type { FrameLimits } from '@sallyport/mcp-protocol';
import type { OperatorLimits } from '@sallyport/operator-file';

import type { OriginGuard } from './http/origin-guard.js';
import type { CallsInFlight } from './pipeline/calls-in-flight.js';
import type { EndOfTurn } from './pipeline/end-of-turn.js';
import type { Exchange } from './pipeline/exchange.js';
import type { CredentialCheck } from './pipeline/identify-credential.js';
import type { CallBooks } from './pipeline/open-call.js';
import type { Introductions } from './sessions/introductions.js';
import type { SessionTable } from './sessions/session-table.js';
import type { GrantBindings } from './snapshot/grant-binding.js';
import type { LogFollower } from './snapshot/log-follower.js';
import type { SnapshotStore } from './snapshot/snapshot-store.js';
import type { FreshnessWatch } from './notes/freshness-watch.js';
import type { JournalWatch } from './notes/journal-watch.js';
import type { CredentialFailures } from './telemetry/credential-failures.js';
import type { HttpTargets } from './upstream/http-targets.js';
import type { StdioServers } from './upstream/stdio-servers.js';
import type { StdioResponses } from './pipeline/stdio-responses.js';
import type { ToolCatalogues } from './tools/tool-catalogue.js';
import type { ToolChangeHints } from './tools/tool-change-hints.js';
import type { ToolWatchers } from './tools/tool-watchers.js';

/** Everything the steps of a request share, built once by `buildGateway`. */
export interface GatewayCore {
  readonly books: CallBooks;
  readonly hashes: KeyedHashes;
  readonly secretBox: SecretBox;
  readonly limits: OperatorLimits;
  readonly frameLimits: FrameLimits;
  readonly store: SnapshotStore;
  readonly follower: LogFollower;
  readonly bindings: GrantBindings;
  readonly origins: OriginGuard;
  readonly credentials: CredentialCheck;
  readonly failures: CredentialFailures;
  readonly freshness: FreshnessWatch;
  readonly journalWatch: JournalWatch;
  readonly catalogues: ToolCatalogues;
  readonly ways: HttpTargets;
  readonly toolWatchers: ToolWatchers;
  readonly toolChanges: ToolChangeHints;
  readonly stdio: StdioServers;
  readonly stdioResponses: StdioResponses;
  readonly sessions: SessionTable;
  readonly introductions: Introductions;
  readonly calls: CallsInFlight;
  /** Requests whose body is whole, and answers that are, until the end of the loop's turn. */
  readonly bodies: EndOfTurn;
  readonly answers: EndOfTurn;
  /** The journal cannot be trusted any more: the process has to end, and refuses until it has. */
  journalBroken(error: unknown): void;
  /** Watches work that goes on after its step returned: what nobody foresaw is logged, and the exchange answered 500. */
  supervise(exchange: Exchange, work: Promise<void>): void;
  isJournalBroken(): boolean;
  isClosing(): boolean;
  /** Whether a protocol revision is of the stateless era. */
  isModern(revision: string): boolean;
}
