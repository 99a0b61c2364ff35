/**
 * The offset after the multi-byte UTF-8 sequence at `at`, or `~at` when it is not one: overlong, surrogate, beyond U+10FFFF,
 * cut short, or a stray continuation byte (RFC 3629, section 4).
 */
export function utf8SequenceEnd(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  if (lead >= 0xc2 && lead <= 0xdf) return isTail(second) ? at + 2 : ~at;
  const third = bytes[at + 2] ?? 0;
  if (lead >= 0xe0 && lead <= 0xef) return isSecondOfThree(lead, second) && isTail(third) ? at + 3 : ~at;
  const fourth = bytes[at + 3] ?? 0;
  return isSecondOfFour(lead, second) && isTail(third) && isTail(fourth) ? at + 4 : ~at;
}

function isTail(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function isSecondOfThree(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0 && second <= 0xbf;
  if (lead === 0xed) return second >= 0x80 && second <= 0x9f;
  return isTail(second);
}

function isSecondOfFour(lead: number, second: number): boolean {
  if (lead === 0xf0) return second >= 0x90 && second <= 0xbf;
  if (lead === 0xf4) return second >= 0x80 && second <= 0x8f;
  return lead > 0xf0 && lead < 0xf4 && isTail(second);
}
