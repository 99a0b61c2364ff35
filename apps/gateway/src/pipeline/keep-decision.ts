import type { DecidedRecord } from '@sallyport/audit';
import { isFault } from '@sallyport/kernel';

import type { GatewayCore } from '../gateway-core.js';

/**
 * Keeps a decision as durably as its organisation wants, and says whether it is kept. An admitted call goes no further
 * without it; a refusal stands either way. A record that should wait for the bus is kept on disk: its call is refused.
 */
export function keepDecision(core: GatewayCore, record: DecidedRecord): Promise<boolean> {
  const kept = core.books.journal.decided(record, record.durability === 'process' ? 'process' : 'disk');
  return kept.then(isKept, (caught: unknown) => notKept(core, caught));
}

function isKept(): true {
  return true;
}

function notKept(core: GatewayCore, caught: unknown): false {
  if (isFault(caught, 'journal.full')) core.books.log.error({ err: caught }, 'the decision journal is full: calls are refused');
  else if (isFault(caught, 'journal.too_large')) core.books.log.error({ err: caught }, 'a decision is larger than the journal takes: its call is refused');
  else core.journalBroken(caught);
  return false;
}
