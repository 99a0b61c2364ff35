import type { SignInRefusal } from '@sallyport/audit';
import type { EpochMs } from '@sallyport/kernel';
import type { Logger } from 'pino';

import type { WorkerNotes } from '../notes/worker-notes.js';
import type { TokenEntry } from '../snapshot/token-index.js';

/** Sources, reasons and tokens told apart between two reports; further ones are counted together, by reason. */
const MAX_KEPT = 1_000;

/** One request that was let in by nobody. */
export interface CredentialFailure {
  readonly source: string | null;
  readonly reason: SignInRefusal;
  /** The token, where it is known though it was not taken. */
  readonly entry: TokenEntry | undefined;
  readonly at: EpochMs;
}

interface Counted {
  readonly source: string | null;
  readonly reason: SignInRefusal;
  readonly entry: TokenEntry | undefined;
  readonly firstAt: EpochMs;
  lastAt: EpochMs;
  count: number;
}

/**
 * Failed sign-ins: one counted log line and one counted note per source, reason and known token in a minute, off the durable path.
 * Whoever knocks without a credential can fill neither the journal nor the log. Unknown tokens are the deployment's, known ones
 * their organisation's.
 */
export class CredentialFailures {
  private kept = new Map<string, Counted>();
  private readonly others = new Map<SignInRefusal, Counted>();

  constructor(
    private readonly log: Logger,
    private readonly notes: WorkerNotes,
  ) {}

  /** Counts one request. */
  note(failure: CredentialFailure): void {
    const counted = this.countedOf(failure);
    counted.count += 1;
    counted.lastAt = failure.at;
  }

  /** Writes what was counted and starts anew; called once a minute, and at the end. */
  report(): void {
    for (const counted of [...this.kept.values(), ...this.others.values()]) this.tell(counted);
    this.kept = new Map();
    this.others.clear();
  }

  private countedOf({ source, reason, entry, at }: CredentialFailure): Counted {
    const key = `${source ?? ''} ${reason} ${entry?.tokenId ?? ''}`;
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    if (this.kept.size < MAX_KEPT) return added(this.kept, key, { source, reason, entry, firstAt: at, lastAt: at, count: 0 });
    return this.others.get(reason) ?? added(this.others, reason, { source: null, reason, entry: undefined, firstAt: at, lastAt: at, count: 0 });
  }

  private tell({ source, reason, entry, firstAt, lastAt, count }: Counted): void {
    this.log.warn({ event: 'credential.refused', source: source ?? 'others', reason, count }, 'requests without a usable credential');
    const identityId = entry?.organisation.grants.get(entry.grantId)?.identityId ?? null;
    const tokenId = entry?.tokenId ?? null;
    this.notes.note(entry?.organisation.organisationId ?? null, { kind: 'signInsRefused', sourceIp: source, reason, tokenId, identityId, count, firstAt, lastAt });
  }
}

function added<Key>(into: Map<Key, Counted>, key: Key, counted: Counted): Counted {
  into.set(key, counted);
  return counted;
}
