/** Folds case as lenient decoders do; the two steps also fold U+212A (Kelvin) to K and U+017F (long s) to S, which Go's decoder matches. */
export function foldKey(key: string): string {
  return key.toLowerCase().toUpperCase();
}

/** Whether two different keys are one key to a decoder that ignores case. */
export function isCaseVariant(left: string, right: string): boolean {
  if (left.length !== right.length || left.length === 0) return false;
  const a = left.charCodeAt(0);
  const b = right.charCodeAt(0);
  if (a < 0x80 && b < 0x80 && (a | 0x20) !== (b | 0x20)) return false;
  return foldKey(left) === foldKey(right);
}
