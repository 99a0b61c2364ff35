const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES: ReadonlyMap<number, number> = new Map([...ALPHABET].map((letter, value) => [letter.charCodeAt(0), value]));
const FORM = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Standard base64 with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += letter(group >> 18) + letter(group >> 12) + (left > 1 ? letter(group >> 6) : '=') + (left > 2 ? letter(group) : '=');
  }
  return text;
}

/** The bytes of standard base64; `undefined` for anything but the one canonical text of those bytes, so unused bits must be zero. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!FORM.test(text)) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let at = 0, to = 0; at < text.length; at += 4, to += 3) {
    const group = (value(text, at) << 18) | (value(text, at + 1) << 12) | (value(text, at + 2) << 6) | value(text, at + 3);
    bytes[to] = group >> 16;
    if (to + 1 < bytes.length) bytes[to + 1] = group >> 8;
    if (to + 2 < bytes.length) bytes[to + 2] = group;
  }
  return encodeBase64(bytes) === text ? bytes : undefined;
}

function letter(group: number): string {
  return ALPHABET.charAt(group & 0x3f);
}

function value(text: string, at: number): number {
  return VALUES.get(text.charCodeAt(at)) ?? 0;
}
