import { describe, expect, it } from 'vitest';

import { unlessAborted } from './unless-aborted.js';

describe('work that may be called off', () => {
  it('comes to its own end when nobody calls it off', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(7), signal)).toBe(7);
    await expect(unlessAborted(Promise.reject(new Error('its own')), signal)).rejects.toThrow('its own');
  });

  it('is not waited for any more once it is called off, and may fail unheard', async () => {
    const calling = new AbortController();
    let fail = (_why: Error): void => undefined;
    const never = new Promise<void>((_, reject) => (fail = reject));
    const waited = unlessAborted(never, calling.signal);
    calling.abort();
    await expect(waited).rejects.toThrow('aborted');
    await expect(unlessAborted(never, calling.signal)).rejects.toThrow('aborted');
    fail(new Error('unheard'));
  });
});
