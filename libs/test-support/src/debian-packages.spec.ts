import { describe, expect, it } from 'vitest';

import { haveDebianPackages } from './debian-packages.js';

const packages = ['sallyport-has-no-such-package'];
const need = 'This test needs what nobody has';

describe('packages that a test needs', () => {
  it('are left alone where what they bring is there', () => {
    let looks = 0;
    haveDebianPackages({ packages, need, isThere: () => (looks += 1) > 0 });
    expect(looks).toBe(1);
  });

  it('that cannot be had fail with what to install', () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere'; // a machine without apt-get
    try {
      expect(() => haveDebianPackages({ packages, need, isThere: () => false })).toThrow('This test needs what nobody has: apt-get install sallyport-has-no-such-package');
    } finally {
      process.env['PATH'] = path;
    }
  });
});
