import { eventLogFault } from '@sallyport/event-log';
import { Fault } from '@sallyport/kernel';

/** SQLSTATEs that say another writer was first: unique violation, serialisation failure, deadlock. */
const LOST_RACES = new Set(['23505', '40001', '40P01']);

/**
 * Runs a piece of work on PostgreSQL and turns what the driver throws into the log's faults. The driver's own text may
 * quote a row, so only its code goes along.
 *
 * @throws {Fault} `event_log.moved_on` for a lost race, `event_log.unreachable` for every other error; faults pass as they are.
 */
export async function orLogFault<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (caught) {
    throw logFaultOf(caught);
  }
}

/** The fault that stands for what was caught. */
export function logFaultOf(caught: unknown): Fault {
  if (caught instanceof Fault) return caught;
  const code = driverCode(caught);
  if (LOST_RACES.has(code)) return eventLogFault.moved_on(`PostgreSQL refused a second writer (${code})`, { code });
  return eventLogFault.unreachable(`PostgreSQL did not do it (${code})`, { code });
}

/** SQLSTATE, or Node's errno name, or the error's name. TypeORM keeps the driver's error under `driverError`. */
function driverCode(caught: unknown): string {
  const error = memberOf(caught, 'driverError') ?? caught;
  const code = memberOf(error, 'code');
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : 'unknown';
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined;
}
