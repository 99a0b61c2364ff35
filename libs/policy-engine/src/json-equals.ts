import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { compareNumbers, isNumber } from './compare-numbers.js';

/**
 * Equality by JSON value: numbers by exact numeric value, lists in order, objects whatever their key order, and never
 * across types. Goes no deeper than the shallower of the two.
 */
export function jsonEquals(left: JsonValue, right: JsonValue): boolean {
  if (left === right) return true;
  if (isNumber(left)) return isNumber(right) && compareNumbers(left, right) === 0;
  if (Array.isArray(left)) return Array.isArray(right) && listsEqual(left, right);
  return isJsonObject(left) && isJsonObject(right) && objectsEqual(left, right);
}

function listsEqual(left: readonly JsonValue[], right: readonly JsonValue[]): boolean {
  return left.length === right.length && left.every((item, index) => jsonEquals(item, right[index] ?? null));
}

function objectsEqual(left: JsonObject, right: JsonObject): boolean {
  const keys = presentKeys(left);
  return (
    keys.length === presentKeys(right).length &&
    keys.every((key) => {
      const theirs = Object.hasOwn(right, key) ? right[key] : undefined;
      return theirs !== undefined && jsonEquals(left[key] ?? null, theirs);
    })
  );
}

function presentKeys(object: JsonObject): readonly string[] {
  return Object.keys(object).filter((key) => object[key] !== undefined);
}
