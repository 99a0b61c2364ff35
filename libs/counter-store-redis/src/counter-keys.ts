import { organisationOfKey, type CounterAsk, type CounterSeed } from '@sallyport/counter-store';

/** A letter for the scripts: fixed window, sliding log, calls in flight. */
export type CounterKind = 'f' | 's' | 'c';

/**
 * Names of everything in Redis. All keys of one organisation have its id as their hash tag: one slot of a Cluster, so that
 * one script may touch them all.
 */
export class CounterKeys {
  /** Organisations that workers found without an epoch: a set. */
  readonly wanted: string;

  constructor(private readonly prefix: string) {
    this.wanted = `${prefix}wanted`;
  }

  /** Says which past the organisation's counts are of; missing: none. */
  epoch(organisationId: string): string {
    return `${this.tagged(organisationId)}epoch`;
  }

  /** Held by whoever seeds the organisation. */
  lock(organisationId: string): string {
    return `${this.tagged(organisationId)}seeding`;
  }

  /** That a reservation was made, and when. */
  reservation(organisationId: string, reservationId: string): string {
    return `${this.tagged(organisationId)}r:${reservationId}`;
  }

  /** One key of a window, or the two of a log. */
  of(ask: CounterAsk | CounterSeed): readonly string[] {
    const organisationId = organisationOfKey(ask.key);
    const kind = kindOf(ask);
    const name = `${this.tagged(organisationId)}${kind}:${ask.key.slice(organisationId.length + 1)}`;
    if (kind === 'f') return [`${name}:${ask.windowStartMs}`];
    const log = kind === 's' ? `${name}:${ask.windowEndMs - ask.windowStartMs}` : name;
    return [`${log}:ends`, `${log}:units`];
  }

  private tagged(organisationId: string): string {
    return `${this.prefix}{${organisationId}}:`;
  }
}

/** How the scripts count an ask. */
export function kindOf(ask: { readonly algorithm?: CounterAsk['algorithm'] }): CounterKind {
  if (ask.algorithm === 'sliding') return 's';
  return ask.algorithm === 'concurrent' ? 'c' : 'f';
}
