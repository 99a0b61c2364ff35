import { describe, expect, it } from 'vitest';

import { StreamEnding } from './stream-ending.js';

function anEnding() {
  const told: string[] = [];
  return { told, ending: new StreamEnding<string>(() => void told.push('end')) };
}

describe('the end of a subscription', () => {
  it('comes once, whoever ends it first, and is told once', () => {
    const { told, ending } = anEnding();
    expect(ending.hasEnded).toBe(false);
    expect(ending.with('too slow')).toEqual({ done: false, value: 'too slow' });
    expect([ending.end(), ending.hasEnded, told]).toEqual([{ done: true, value: undefined }, true, ['end']]);
  });

  it('wakes who sleeps, and lets nobody fall asleep afterwards', async () => {
    const { ending } = anEnding();
    const asleep = ending.sleep();
    ending.end();
    await asleep;
    await ending.sleep();
  });

  it('is not what a wake-up is: that only ends the sleep', async () => {
    const { told, ending } = anEnding();
    const asleep = ending.sleep();
    ending.wakeUp();
    await asleep;
    expect([ending.hasEnded, told]).toEqual([false, []]);
  });
});
