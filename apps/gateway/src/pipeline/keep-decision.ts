import type { DecidedRecord } from '@sallyport/audit';
import { isFault } from '@sallyport/kernel';

import type { GatewayCore } from '../gateway-core.js';

/**
 * Keeps a decision as durably as its organisation wants, and says whether it is kept. An admitted call goes no further
 * without it; a refusal stands either way. One that has to be on the bus is kept on disk here, and waited for with `reachesBus`.
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

/**
 * Whether what is kept so far is on the bus within the operator's bound. What arrives too late is there none the less: the caller
 * records how its call ended.
 */
export async function reachesBus(core: GatewayCore): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), core.limits.busWaitMs);
  });
  const arrival = core.books.journal.arrived().then(isKept, (caught: unknown) => notKept(core, caught));
  const reached = await Promise.race([arrival, late]);
  clearTimeout(timer);
  return reached;
}
