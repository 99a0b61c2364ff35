import { describe, expect, it } from 'vitest';

import { parsePolicy } from './parse/parse-policy.js';
import { HOSTILE_DOCUMENTS } from './testing/hostile-documents.js';

/** Generous: what a document may cost on an idle machine is in the benchmark's budget, and what is read of it is bounded whatever its size. */
const BOUND_MS = 2_000;

describe('a hostile document is refused, with a pointer, and costs little', () => {
  it.each(HOSTILE_DOCUMENTS)('%s [policy/bounded]', (_, text, wanted) => {
    const startedMs = performance.now();
    const parsed = parsePolicy(text);
    expect(performance.now() - startedMs).toBeLessThan(BOUND_MS);
    const [first] = parsed.ok ? [] : parsed.refusal;
    expect(`${first?.code} ${first?.pointer}`).toEqual(typeof wanted === 'string' ? wanted : expect.stringMatching(wanted));
  });
});
