/** The names an expression may start with. */
export const CEL_VARIABLES: ReadonlySet<string> = new Set(['args', 'identity', 'grant', 'server', 'tool', 'client', 'time', 'session', 'result']);

/** What one operation of an expression costs, in steps of the meter. */
export const CEL_STEP = 10;
