/** SQLSTATE: connection exceptions, a server that stops, starts or has ended the session, no connection left. */
const AWAY = /^(?:08[0-9A-Z]{3}|57P0[1-5]|53300)$/;

/** What Node says of a socket that leads nowhere. */
const UNREACHABLE: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);

/** The driver's own words for a connection that ended or was not made; it gives them no code. */
const ENDED = /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Whether the database is away or busy, rather than refusing what it was given: the same request may succeed later. TypeORM keeps the driver's error under `driverError`. */
export function isDatabaseAway(caught: unknown): boolean {
  const cause = memberOf(caught, 'driverError') ?? caught;
  if (!(cause instanceof Error)) return false;
  const code = memberOf(cause, 'code');
  if (typeof code === 'string' && AWAY.test(code)) return true;
  if (UNREACHABLE.has(code) && memberOf(cause, 'syscall') !== 'open') return true;
  return ENDED.test(cause.message);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined;
}
