import { describe, expect, it } from 'vitest';

import { newJsonObject } from './new-json-object.js';

describe('a JSON object', () => {
  it('has no member that nobody gave it, whatever it is asked for', () => {
    const object = newJsonObject();
    for (const key of [...Object.getOwnPropertyNames(Object.prototype), 'then', 'prototype']) expect([key, key in object, object[key]]).toEqual([key, false, undefined]);
  });

  it('takes any key as a member of its own, and gives it to no other object', () => {
    const object = newJsonObject();
    for (const key of Object.getOwnPropertyNames(Object.prototype)) object[key] = 1;
    expect(Object.keys(object).sort()).toEqual(Object.getOwnPropertyNames(Object.prototype).sort());
    expect(Object.keys(newJsonObject())).toEqual([]);
    expect(Object.getOwnPropertyNames(Object.getPrototypeOf(newJsonObject()))).toEqual([]);
  });
});
