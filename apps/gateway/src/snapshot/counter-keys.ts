import { createHash } from 'node:crypto';

import { counterKey } from '@sallyport/counter-store';
import type { LimitAlgorithm, LimitAsk } from '@sallyport/policy-engine';

interface KeptKey {
  readonly counter: string;
  readonly algorithm: LimitAlgorithm;
  readonly key: string;
}

type NamedAsk = Pick<LimitAsk, 'counter' | 'scope' | 'scopeValue' | 'algorithm'>;

/** Values of arguments up to this length stand in a key as they are, longer ones as their SHA-256, which no argument is written like. */
const LONGEST_VALUE = 128;

/**
 * Counter keys of one grant's policy: organisation, policy, counter, scope. They outlive the policy's versions. Those of the grant itself,
 * which all its calls ask for, are kept, so that stores look up a text whose hash is known.
 */
export class CounterKeys {
  private readonly ofGrant: KeptKey[] = [];

  /** @param prefix organisation and policy, with the slash that ends them. */
  constructor(private readonly prefix: string) {}

  keyOf(ask: NamedAsk): string {
    if (ask.scope !== 'grant') return counterKey(this.prefix, ask.scopeValue.length > LONGEST_VALUE ? hashed(ask) : ask);
    for (const kept of this.ofGrant) if (kept.counter === ask.counter && kept.algorithm === ask.algorithm) return kept.key;
    const key = counterKey(this.prefix, ask);
    this.ofGrant.push({ counter: ask.counter, algorithm: ask.algorithm, key });
    return key;
  }
}

function hashed({ counter, scope, scopeValue, algorithm }: NamedAsk): NamedAsk {
  return { counter, scope, algorithm, scopeValue: `sha256:${createHash('sha256').update(scopeValue).digest('hex')}` };
}
