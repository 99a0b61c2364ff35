import { Inject, Injectable } from '@nestjs/common';
import { genesisHash, microTime, type AuditFact, type StoredEvent } from '@sallyport/audit-event';
import { branded, type Clock, type EpochMs, type OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import type { RotatingKeys } from '@sallyport/secrets';
import { lockHead, moveHead, NO_ORGANISATION, streamOf, type AuditHead } from './audit-head.js';
import { AuditPartitions } from './audit-partitions.js';
import { growTiles, growTree } from './audit-tiles.js';
import { eventRows, insertEvents } from './insert-events.js';
import { headAfter, sealFacts, loopTurn } from './seal-facts.js';
import { sha256 } from './sha256.js';

/** What else of the stream's head the facts move. */
export interface SourceCursor {
  /** The organisation's newest revision whose change is among the facts, or caused none. Never goes back. */
  readonly adminRevision?: number;
  /** The key that the last fact announces: the next event begins its epoch. */
  readonly announcedKeyId?: string;
}

/** Events of one statement; a longer list takes more of them, in the same transaction. */
const STATEMENT_EVENTS = 128;
/** The first of several is short: until it leaves PostgreSQL has nothing to do. */
const FIRST_EVENTS = 32;

/**
 * The single writer of each stream: gives facts their place (`seq` without a gap, chained by hash) and keeps events, tree and head in
 * the caller's transaction. Whoever writes to a stream queues on its head row, so events become visible in their order, and a
 * transaction that does not commit leaves neither a gap nor a double.
 */
@Injectable()
export class Sequencer {
  constructor(
    @Inject(AuditPartitions) private readonly partitions: AuditPartitions,
    @Inject(PART.auditKeys) private readonly keys: RotatingKeys,
    @Inject(PART.clock) private readonly clock: Clock,
    @Inject(ControlPlaneMetrics) private readonly metrics: ControlPlaneMetrics,
  ) {}

  /** Makes room for events taken in from now on. Before the transaction: it takes a connection of its own. */
  prepare(): Promise<void> {
    return this.partitions.ensure(this.clock.now());
  }

  /** Takes a stream's head for writing until the transaction ends, and answers where it stands. `null` is the deployment's own stream. */
  lock(manager: EntityManager, organisationId: OrganisationId | null): Promise<AuditHead> {
    const owner = organisationId ?? NO_ORGANISATION;
    return lockHead(manager, owner, () => {
      const { keyId } = this.keys.current();
      return { keyId, hash: genesisHash(streamOf(owner), keyId, sha256), at: this.clock.now() };
    });
  }

  /**
   * Puts facts into a stream, in their order. A long list is stored in stretches: while PostgreSQL takes one, the next is sealed.
   *
   * @param manager        In a transaction that entered the organisation (`NO_ORGANISATION` for `null`). Nobody else uses it meanwhile.
   * @param organisationId `null` for the deployment's own stream.
   * @throws {RangeError} for a fact whose time is none; the transaction has to be given up.
   */
  async append(manager: EntityManager, organisationId: OrganisationId | null, facts: readonly AuditFact[], cursor?: SourceCursor): Promise<readonly StoredEvent[]> {
    return this.appendAfter(manager, await this.lock(manager, organisationId), facts, cursor);
  }

  /** The same, where the stream's head is held already: `before` is what `lock` answered in this transaction. */
  async appendAfter(manager: EntityManager, before: AuditHead, facts: readonly AuditFact[], cursor?: SourceCursor): Promise<readonly StoredEvent[]> {
    const at = branded<EpochMs>(Math.max(this.clock.now(), before.lastAt));
    if (facts.length > 0) await this.partitions.ensure(at);
    const { head, events } = facts.length === 0 ? { head: before, events: [] } : await store(manager, { ...before, lastAt: at }, facts);
    const moved = movedBy(head, cursor);
    if (events.length > 0 || moved !== head) await moveHead(manager, moved);
    if (events.length > 0) this.tell(events, at);
    return events;
  }

  private tell(events: readonly StoredEvent[], at: EpochMs): void {
    this.metrics.eventsSequenced.inc(events.length);
    this.metrics.sequencerLag.set(Math.max(0, at - Date.parse(events[0]?.time ?? microTime(at))) / 1000);
  }
}

/** Stores events and what they add to the tree; `head` is where the stream stands, its `lastAt` the time that they are taken in. */
async function store(manager: EntityManager, head: AuditHead, facts: readonly AuditFact[]): Promise<{ readonly head: AuditHead; readonly events: readonly StoredEvent[] }> {
  const { organisationId, lastAt: at } = head;
  const observedTime = microTime(at);
  const events: StoredEvent[] = [];
  let after = head;
  let storing: Promise<void> = Promise.resolve();
  for (const stretch of stretchesOf(facts)) {
    const place = { organisationId, after: after.size, at };
    const sealing = sealFacts(after, stretch, observedTime).then((sealed) => ({ sealed, rows: eventRows(place, sealed) }));
    const [{ sealed, rows }] = await Promise.all([sealing, storing]);
    storing = insertEvents(manager, rows);
    after = headAfter(after, sealed);
    for (const { stored } of sealed) events.push(stored);
    // The statement leaves when this turn of the loop ends, not before the next stretch is sealed.
    await Promise.race([storing, loopTurn()]);
  }
  const grown = growTree(head, events);
  await storing;
  await growTiles(manager, organisationId, grown.tiles);
  return { events, head: { ...after, frontier: grown.frontier } };
}

function* stretchesOf(facts: readonly AuditFact[]): Generator<readonly AuditFact[]> {
  const first = facts.length > STATEMENT_EVENTS ? FIRST_EVENTS : facts.length;
  if (first > 0) yield facts.slice(0, first);
  for (let from = first; from < facts.length; from += STATEMENT_EVENTS) yield facts.slice(from, from + STATEMENT_EVENTS);
}

function movedBy(head: AuditHead, { adminRevision = 0, announcedKeyId }: SourceCursor = {}): AuditHead {
  const told = announcedKeyId === undefined ? head : { ...head, keyId: announcedKeyId, keyEpoch: head.keyEpoch + 1 };
  return adminRevision > head.adminRevision ? { ...told, adminRevision } : told;
}
