import { describe, expect, it } from 'vitest';

import { safeReason } from './safe-reason.js';

describe('what a receiver answered, as it may be kept', () => {
  it('has no credential in it, however often one came back', () => {
    expect(safeReason('Not with tok-1234, nor with tok-1234 and s3cr3t.', ['tok-1234', 's3cr3t'])).toBe('Not with <secret>, nor with <secret> and <secret>.');
  });

  it('is one line of signs that move no terminal and turn no text round', () => {
    expect(safeReason('one\r\ntwo\u001b[2Kthree\u2028four\u202efive\u0000', [])).toBe('one two [2Kthree four five ');
  });

  it('is 300 characters at most, cut after the credentials were taken out', () => {
    expect(safeReason(`${'x'.repeat(295)}tok-1234`, ['tok-1234'])).toBe(`${'x'.repeat(295)}<secr`);
    expect(safeReason('x'.repeat(10_000_000), [])).toHaveLength(300);
  });

  it('keeps words that are too short to be a credential', () => {
    expect(safeReason('no such id', ['no'])).toBe('no such id');
  });
});
