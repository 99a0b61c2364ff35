import { EventEmitter } from 'node:events';

import { describe, expect, it } from 'vitest';

import { listenForStop } from './stop-signals.js';

describe('stop signals', () => {
  it('take an echo within a second for the same request, and a later one for "at once"', async () => {
    const source = new EventEmitter();
    let now = 0;
    let forced = 0;
    const stop = listenForStop(source, () => now, () => (forced += 1));
    source.emit('SIGINT', 'SIGINT');
    now = 1_000;
    source.emit('SIGTERM', 'SIGTERM');
    expect(forced).toBe(0);
    now = 1_001;
    source.emit('SIGINT', 'SIGINT');
    expect(forced).toBe(1);
    await expect(stop.asked).resolves.toBe('SIGINT');
  });

  it('are nobody\'s after disposal', () => {
    const source = new EventEmitter();
    listenForStop(source, () => 0, () => undefined).dispose();
    expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0);
  });
});
