import { counterKey } from '@sallyport/counter-store';
import type { LimitAlgorithm, LimitAsk } from '@sallyport/policy-engine';

interface KeptKey {
  readonly counter: string;
  readonly algorithm: LimitAlgorithm;
  readonly key: string;
}

/** How the scope of a value of the call's own arguments begins. */
const OF_ARGUMENT = 'argument:';

type NamedAsk = Pick<LimitAsk, 'counter' | 'scope' | 'scopeValue' | 'algorithm'>;

/**
 * Counter keys of one grant's policy: organisation, policy, counter, scope. They outlive the policy's versions and stand in records, so an
 * argument's value is in them as its keyed digest only. Those of the grant itself, which all its calls ask for, are kept, so that stores look
 * up a text whose hash is known.
 */
export class CounterKeys {
  private readonly ofGrant: KeptKey[] = [];

  /**
   * @param prefix organisation and policy, with the slash that ends them.
   * @param digest the organisation's keyed digest of a text.
   */
  constructor(
    private readonly prefix: string,
    private readonly digest: (text: string) => string,
  ) {}

  keyOf(ask: NamedAsk): string {
    if (ask.scope !== 'grant') return counterKey(this.prefix, ask.scope.startsWith(OF_ARGUMENT) ? this.digested(ask) : ask);
    for (const kept of this.ofGrant) if (kept.counter === ask.counter && kept.algorithm === ask.algorithm) return kept.key;
    const key = counterKey(this.prefix, ask);
    this.ofGrant.push({ counter: ask.counter, algorithm: ask.algorithm, key });
    return key;
  }

  private digested({ counter, scope, scopeValue, algorithm }: NamedAsk): NamedAsk {
    return { counter, scope, algorithm, scopeValue: `hmac:${this.digest(scopeValue)}` };
  }
}
