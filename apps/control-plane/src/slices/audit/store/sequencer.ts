import { Inject, Injectable } from '@nestjs/common';
import { genesisHash, microTime, sealEvent, type AuditFact, type StoredEvent } from '@sallyport/audit-event';
import { branded, type Clock, type EpochMs, type OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import type { RotatingKeys } from '@sallyport/secrets';
import { lockHead, moveHead, NO_ORGANISATION, streamOf, type AuditHead } from './audit-head.js';
import { AuditPartitions } from './audit-partitions.js';
import { growTiles, growTree } from './audit-tiles.js';
import { insertEvents, type SealedFact } from './insert-events.js';
import { sha256 } from './sha256.js';

/** What else of the stream's head the facts move. */
export interface SourceCursor {
  /** The organisation's newest revision whose change is among the facts, or caused none. Never goes back. */
  readonly adminRevision?: number;
  /** The key that the last fact announces: the next event begins its epoch. */
  readonly announcedKeyId?: string;
}

/** Events of one statement at most; a longer list takes more of them, in the same transaction. */
const STATEMENT_EVENTS = 2_000;

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
   * Puts facts into a stream, in their order.
   *
   * @param manager        In a transaction that entered the organisation (`NO_ORGANISATION` for `null`).
   * @param organisationId `null` for the deployment's own stream.
   * @throws {RangeError} for a fact whose time is none; the transaction has to be given up.
   */
  async append(manager: EntityManager, organisationId: OrganisationId | null, facts: readonly AuditFact[], cursor?: SourceCursor): Promise<readonly StoredEvent[]> {
    let head = await this.lock(manager, organisationId);
    const events: StoredEvent[] = [];
    for (let from = 0; from < facts.length; from += STATEMENT_EVENTS) {
      const sealed = await this.store(manager, head, facts.slice(from, from + STATEMENT_EVENTS));
      head = sealed.head;
      for (const { stored } of sealed.events) events.push(stored);
    }
    const moved = movedBy(head, cursor);
    if (events.length > 0 || moved !== head) await moveHead(manager, moved);
    return events;
  }

  private async store(manager: EntityManager, head: AuditHead, facts: readonly AuditFact[]): Promise<{ readonly head: AuditHead; readonly events: readonly SealedFact[] }> {
    const at = branded<EpochMs>(Math.max(this.clock.now(), head.lastAt));
    await this.partitions.ensure(at);
    const observedTime = microTime(at);
    const events = sealAll(head, facts, observedTime);
    const grown = growTree(head, events.map(({ stored }) => stored));
    await insertEvents(manager, { organisationId: head.organisationId, after: head.size, at }, events);
    await growTiles(manager, head.organisationId, grown.tiles);
    this.metrics.eventsSequenced.inc(events.length);
    this.metrics.sequencerLag.set(Math.max(0, at - Date.parse(facts[0]?.time ?? observedTime)) / 1000);
    return { events, head: headAfter({ ...head, frontier: grown.frontier, lastAt: at }, events) };
  }
}

function sealAll(head: AuditHead, facts: readonly AuditFact[], observedTime: string): readonly SealedFact[] {
  const stream = streamOf(head.organisationId);
  const { keyEpoch } = head;
  let { size: seq, lastHash: prevHash } = head;
  return facts.map((fact) => {
    seq += 1;
    const stored = sealEvent(fact, { stream, seq, observedTime, prevHash, keyEpoch }, sha256);
    prevHash = stored.hash;
    return { fact, stored };
  });
}

function headAfter(head: AuditHead, events: readonly SealedFact[]): AuditHead {
  const size = head.size + events.length;
  const news = events.findLast(({ fact }) => fact.type !== 'audit.checkpoint')?.stored.seq ?? head.news;
  return { ...head, size, news, lastHash: events.at(-1)?.stored.hash ?? head.lastHash };
}

function movedBy(head: AuditHead, { adminRevision = 0, announcedKeyId }: SourceCursor = {}): AuditHead {
  const told = announcedKeyId === undefined ? head : { ...head, keyId: announcedKeyId, keyEpoch: head.keyEpoch + 1 };
  return adminRevision > head.adminRevision ? { ...told, adminRevision } : told;
}
