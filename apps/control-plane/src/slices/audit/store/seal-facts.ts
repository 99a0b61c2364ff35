import { setImmediate } from 'node:timers/promises';

import { sealEvent, type AuditFact } from '@sallyport/audit-event';

import { streamOf, type AuditHead } from './audit-head.js';
import type { SealedFact } from './insert-events.js';
import { sha256 } from './sha256.js';

/** Events sealed between two turns of the event loop: a few milliseconds at most. */
const SEALED_AT_ONCE = 32;

/** Resolves when the event loop has served whoever else waits: sockets above all. */
export const loopTurn: () => Promise<void> = setImmediate;

/**
 * Gives facts their places after a head: `seq` and the hash of the one before. A long list leaves the event loop to others between
 * stretches, so that what is on its way to the database gets there meanwhile. Reads nothing and stores nothing.
 *
 * @param head         Where the stream stands: the first fact follows its `size` and `lastHash`.
 * @param observedTime As `microTime` writes it.
 */
export async function sealFacts(head: AuditHead, facts: readonly AuditFact[], observedTime: string): Promise<readonly SealedFact[]> {
  const stream = streamOf(head.organisationId);
  const { keyEpoch } = head;
  let { size: seq, lastHash: prevHash } = head;
  const sealed: SealedFact[] = [];
  for (const fact of facts) {
    if (sealed.length > 0 && sealed.length % SEALED_AT_ONCE === 0) await loopTurn();
    seq += 1;
    const stored = sealEvent(fact, { stream, seq, observedTime, prevHash, keyEpoch }, sha256);
    prevHash = stored.hash;
    sealed.push({ fact, stored });
  }
  return sealed;
}

/** Where a stream stands after sealed facts; its tree is not among what this moves. */
export function headAfter(head: AuditHead, sealed: readonly SealedFact[]): AuditHead {
  const size = head.size + sealed.length;
  const news = sealed.findLast(({ fact }) => fact.type !== 'audit.checkpoint')?.stored.seq ?? head.news;
  return { ...head, size, news, lastHash: sealed.at(-1)?.stored.hash ?? head.lastHash };
}
