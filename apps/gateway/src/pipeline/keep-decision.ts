import type { DecidedRecord } from '@sallyport/audit';
import { isFault } from '@sallyport/kernel';

import type { GatewayCore } from '../gateway-core.js';

/**
 * Keeps a decision as durably as its organisation wants, and says whether it is kept. An admitted call goes no further
 * without it; a refusal stands either way. A record that should wait for the bus is kept on disk: its call is refused.
 */
export async function keepDecision(core: GatewayCore, record: DecidedRecord): Promise<boolean> {
  try {
    await core.books.journal.decided(record, record.durability === 'process' ? 'process' : 'disk');
    return true;
  } catch (caught) {
    if (isFault(caught, 'journal.full')) core.books.log.error({ err: caught }, 'the decision journal is full: calls are refused');
    else core.journalBroken(caught);
    return false;
  }
}
