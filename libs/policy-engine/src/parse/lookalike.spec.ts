import { describe, expect, it } from 'vitest';

import { lookalikeOf } from './lookalike.js';

describe('a name that looks like another', () => {
  it.each([
    ['d\u0435lete', 'delete'],
    ['\u0430\u0441\u0435', 'ace'],
    ['\u0391dmin', 'Admin'],
    ['\uff41dmin', 'admin'],
    ['pay\u2010now', 'pay-now'],
    ['cafe\u0301', 'caf\u00e9'],
    ['de\u200dlete', ''],
    ['de\u00adlete', ''],
    ['a\u3164', ''],
    ['a\ufe0f', ''],
    ['\u0007', ''],
  ])('%j looks like %j', (name, plain) => {
    expect(lookalikeOf(name)).toBe(plain);
  });

  it.each(['delete_account', 'Get-Item.v2/x*', 'caf\u00e9', '\u5220\u9664', '\u0443\u0434\u0430\u043b\u0438\u0442\u044c', '\u0627\u062d\u0630\u0641', '\u{1F600}'])('%s looks like itself', (name) => {
    expect(lookalikeOf(name)).toBeUndefined();
  });
});
