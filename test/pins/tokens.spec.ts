import { TOKEN_KINDS, TOKEN_PATTERN, parseToken } from '@sallyport/tokens';
import { describe, expect, it } from 'vitest';

describe('a token', () => {
  it('has the form that secret scanners look for', () => {
    expect(TOKEN_KINDS).toEqual(['usr', 'agt', 'svc', 'sink']);
    expect(TOKEN_PATTERN).toBe('^sp_(usr|agt|svc|sink)_([0-9A-Za-z]{8})([0-9A-Za-z]{32})_([0-9A-Za-z]{6})$');
  });

  it('issued long ago is still read', () => {
    expect(parseToken('sp_agt_0000000000000000000000000000000000000000_2qK9wQ')).toEqual({ kind: 'agt', publicId: '00000000' });
  });
});
