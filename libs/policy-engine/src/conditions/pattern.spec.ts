import { describe, expect, it } from 'vitest';

import { PatternCache, compilePattern, patternCost } from './pattern.js';

describe('a pattern', () => {
  it('is found anywhere in the text', () => {
    const compiled = compilePattern('rk_(live|test)');
    expect(compiled.ok && compiled.value.find('my rk_live_1 key')).toBe(true);
    expect(compiled.ok && compiled.value.find('rk-live')).toBe(false);
  });

  it.each(['(?=a)b', '(?<!a)b', '(a)\\1', '[', '(', 'a{1001}', '(a{100}){100}', 'x'.repeat(257)])('is refused: %s', (text) => {
    expect(compilePattern(text).ok).toBe(false);
  });

  it('is compiled once for a document', () => {
    const cache = new PatternCache();
    expect(cache.get('a+')).toBe(cache.get('a+'));
  });

  it('multiplies counted repeats out before anything is compiled', () => {
    expect(patternCost('abc')).toBe(3);
    expect(patternCost('(ab){10}')).toBe(20);
    expect(patternCost('((a){10}b){10}')).toBe(110);
    expect(patternCost('a{2,}')).toBe(2);
    expect(patternCost('\\pL\\p{Greek}')).toBe(64);
    expect(patternCost('a{0}')).toBeGreaterThanOrEqual(0);
  });
});
