import type { Logger } from 'pino';

/** Sources remembered between two reports; further ones are counted together. */
const MAX_SOURCES = 1_000;
const OTHERS = 'others';

/**
 * Failed sign-ins, one counted log line per source and minute, off the durable path: whoever knocks without a credential can
 * fill neither the journal nor the log.
 */
export class CredentialFailures {
  private readonly bySource = new Map<string, number>();

  constructor(private readonly log: Logger) {}

  /** Counts one request from this address. */
  note(source: string | null): void {
    const known = source !== null && (this.bySource.has(source) || this.bySource.size < MAX_SOURCES);
    const key = known ? source : OTHERS;
    this.bySource.set(key, (this.bySource.get(key) ?? 0) + 1);
  }

  /** Writes what was counted and starts anew; called once a minute. */
  report(): void {
    for (const [source, count] of this.bySource) this.log.warn({ event: 'credential.refused', source, count }, 'requests without a usable credential');
    this.bySource.clear();
  }
}
