import type { Broker } from '@sallyport/broker';
import type { EventFeed, FeedListener, FeedSubscription } from '@sallyport/event-log';
import type { Clock, Fault, OrganisationId, Revision, Scheduler } from '@sallyport/kernel';
import type { TrustedKeys } from '@sallyport/secrets';

import { RecordGate } from './record-gate.js';
import { StreamCache } from './stream-cache.js';
import { StreamFollower } from './stream-follower.js';

/** What a feed from the stream is made of. */
export interface StreamEventFeedParts {
  /** Its topics exist. */
  readonly broker: Broker;
  /** The worker's own trust root; keys that the stream announces under them are added. */
  readonly keys: TrustedKeys;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Told of refused records, gaps, silence and everything that fails meanwhile, for the log. Nobody need act. */
  readonly onFault: (fault: Fault) => void;
  /** Where the worker keeps its own copy of the stream; its folder exists. None is kept where it is absent. */
  readonly cacheFile?: string;
}

/**
 * The organisations' events from a broker that nobody has to trust. Bootstraps from `cache → snapshots → frontier → events`, whether
 * a control plane is there or not, then follows. Only what the control plane signed is taken; a gap or silence lets stamps stop, so
 * that a follower denies, until it is repaired. One follower at a time: following again is how a follower repairs itself.
 */
export class StreamEventFeed implements EventFeed {
  private readonly gate: RecordGate;
  private readonly cache: StreamCache | null;
  private follower: StreamFollower | undefined;

  constructor(private readonly parts: StreamEventFeedParts) {
    this.gate = new RecordGate(parts);
    this.cache = parts.cacheFile === undefined ? null : new StreamCache(parts.cacheFile);
  }

  /** The newest position up to which every event has come; 0 before the first. */
  get position(): number {
    return this.follower?.position ?? 0;
  }

  /** How many records were refused since the start, by reason. */
  get refused(): ReadonlyMap<string, number> {
    return this.gate.refused;
  }

  follow(listener: FeedListener, applied: ReadonlyMap<OrganisationId, Revision>): FeedSubscription {
    const before = this.follower?.close() ?? Promise.resolve();
    this.follower = new StreamFollower({ ...this.parts, gate: this.gate, cache: this.cache, listener, applied, before });
    return this.follower;
  }
}
