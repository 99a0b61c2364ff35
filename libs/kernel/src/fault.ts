import type { JsonObject } from './json.js';

/** What sort of thing went wrong; each edge maps kinds to its own codes in one table. */
export type FaultKind = 'input' | 'access' | 'state' | 'limit' | 'upstream' | 'invariant';

/** When the same request may work: `invariant` faults are ours and never become right by repeating. */
export type RetryAdvice = 'after_change' | 'after_reload' | 'after_wait' | 'never';

/** What a fault's code promises. `publicText` is the only sentence a caller may see: no internals, no secrets, no argument values. */
export interface FaultSpec {
  readonly kind: FaultKind;
  readonly retry: RetryAdvice;
  readonly publicText: string;
}

/**
 * Something stopped us. Thrown, with a stable `code` of the form `<area>.<what_is_wrong>`.
 * `message` is the operator's sentence and may name internals; callers only ever see `spec.publicText`.
 */
export class Fault extends Error {
  override readonly name = 'Fault';

  constructor(
    readonly code: string,
    readonly spec: FaultSpec,
    operatorText: string,
    readonly data: JsonObject = {},
    cause?: unknown,
  ) {
    super(operatorText, cause === undefined ? undefined : { cause });
  }
}

/** Makes one fault: the operator's sentence, data for the log (no secrets, no argument values), and the cause. */
export type FaultMaker = (operatorText: string, data?: JsonObject, cause?: unknown) => Fault;

/**
 * A library's catalogue of faults, one maker for each name.
 *
 * @example
 * export const eventLogFault = defineFaults('event_log', {
 *   moved_on: { kind: 'state', retry: 'after_reload', publicText: 'Someone else changed this first. Reload and try again.' },
 * });
 * throw eventLogFault.moved_on(`stream ${stream}: expected ${expected}, found ${found}`);
 */
export function defineFaults<const Specs extends Readonly<Record<string, FaultSpec>>>(
  area: string,
  specs: Specs,
): { readonly [Name in keyof Specs]: FaultMaker } {
  const makers: Record<string, FaultMaker> = {};
  for (const [name, spec] of Object.entries(specs)) {
    makers[name] = (operatorText, data, cause) => new Fault(`${area}.${name}`, spec, operatorText, data, cause);
  }
  return makers as { readonly [Name in keyof Specs]: FaultMaker };
}

/** Whether a caught value is a fault, optionally of one code. */
export function isFault(caught: unknown, code?: string): caught is Fault {
  return caught instanceof Fault && (code === undefined || caught.code === code);
}
