const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SIXTETS: ReadonlyMap<number, number> = new Map(
  [...ALPHABET].map((character, value) => [character.charCodeAt(0), value] as const).concat([['-'.charCodeAt(0), 62], ['_'.charCodeAt(0), 63]]),
);
const SPACE = /[\t\n\r ]/g;

/** The bytes of a base64 text (RFC 4648, both alphabets, padding optional, white space ignored); undefined for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const body = text.replace(SPACE, '').replace(/={0,2}$/, '');
  if (body.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4));
  let held = 0;
  let at = 0;
  for (let index = 0; index < body.length; index += 1) {
    const sixtet = SIXTETS.get(body.charCodeAt(index));
    if (sixtet === undefined) return undefined;
    held = ((held << 6) | sixtet) & 0xffffff;
    if (index % 4 > 0) bytes[at++] = (held >> (6 - 2 * (index % 4))) & 0xff;
  }
  return bytes;
}

/** Bytes as padded base64 (RFC 4648, section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const triple = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += ALPHABET.charAt(triple >> 18) + ALPHABET.charAt((triple >> 12) & 63);
    text += left > 1 ? ALPHABET.charAt((triple >> 6) & 63) : '=';
    text += left > 2 ? ALPHABET.charAt(triple & 63) : '=';
  }
  return text;
}
