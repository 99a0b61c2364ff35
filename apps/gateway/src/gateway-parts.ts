import type { Journal } from '@sallyport/audit';
import type { CounterStore, MarkStore } from '@sallyport/counter-store';
import type { EventFeed } from '@sallyport/event-log';
import type { Clock, OrganisationId, ServerId } from '@sallyport/kernel';
import type { OperatorFile } from '@sallyport/operator-file';
import type { KeyedHashes, SecretBox } from '@sallyport/secrets';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

/** What a gateway is composed of; the caller owns every part and closes it after `stop`. */
export interface GatewayParts {
  readonly workerId: string;
  readonly feed: EventFeed;
  readonly journal: Journal;
  readonly counters: CounterStore;
  /** Where marks of flows are kept; absent: in memory. */
  readonly marks?: MarkStore;
  readonly secretBox: SecretBox;
  readonly hashes: KeyedHashes;
  readonly operatorFile: OperatorFile;
  readonly clock: Clock;
  readonly log: Logger;
  /** Host names and addresses, without port, under which clients reach this gateway; loopback is always accepted. */
  readonly publicNames?: readonly string[];
  /** Where figures are registered; absent: none are kept. */
  readonly metrics?: Registry;
  /** Told that a server said its tools changed; at most every 5 s of one server. Absent: nobody looks before the next look by the clock. */
  toolsMayHaveChanged?(organisationId: OrganisationId, serverId: ServerId): void;
  /** Told that this process must end: the journal is broken. Calls are refused from then on. */
  fatal(error: unknown): void;
}
