/** SHA-256 over the parts one after the other: 32 bytes. Handed in, since the domain knows no platform. */
export type Sha256 = (...parts: Uint8Array[]) => Uint8Array;

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes as lower-case hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += DIGITS[byte];
  return text;
}
