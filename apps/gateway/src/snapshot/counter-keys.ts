import type { LimitAsk } from '@sallyport/policy-engine';

interface KeptKey {
  readonly counter: string;
  readonly key: string;
}

/**
 * Counter keys of one grant's policy: organisation, policy, counter, scope. They outlive the policy's versions. Those of the grant itself,
 * which all its calls ask for, are kept, so that stores look up a text whose hash is known.
 */
export class CounterKeys {
  private readonly ofGrant: KeptKey[] = [];

  /** @param prefix organisation and policy, with the slash that ends them. */
  constructor(private readonly prefix: string) {}

  keyOf(ask: Pick<LimitAsk, 'counter' | 'scope' | 'scopeValue'>): string {
    if (ask.scope !== 'grant') return this.make(ask);
    for (const kept of this.ofGrant) if (kept.counter === ask.counter) return kept.key;
    const key = this.make(ask);
    this.ofGrant.push({ counter: ask.counter, key });
    return key;
  }

  private make({ counter, scope, scopeValue }: Pick<LimitAsk, 'counter' | 'scope' | 'scopeValue'>): string {
    return `${this.prefix}${counter}/${scope}/${scopeValue}`;
  }
}
