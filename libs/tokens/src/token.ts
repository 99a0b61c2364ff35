import { crc32 } from './crc32.js';

/** Kinds of credentials, by the prefix that secret scanners look for. */
export const TOKEN_KINDS = ['usr', 'agt', 'svc', 'sink'] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

/** What a token says of itself without its secret. */
export interface ParsedToken {
  readonly kind: TokenKind;
  /** The first eight characters after the prefix: public, and what a token is looked up by. */
  readonly publicId: string;
}

/** A token as it is shown once. `token` is the secret; `publicId` may be stored and shown. */
export interface MintedToken {
  readonly token: string;
  readonly publicId: string;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 8;
const SECRET_LENGTH = 32;
const CHECK_LENGTH = 6;
const FORM = new RegExp(`^sp_(${TOKEN_KINDS.join('|')})_([0-9A-Za-z]{${ID_LENGTH}})([0-9A-Za-z]{${SECRET_LENGTH}})_([0-9A-Za-z]{${CHECK_LENGTH}})$`);

/** The pattern secret scanners can look for; the checksum removes false findings offline. */
export const TOKEN_PATTERN = FORM.source;

/** Random bytes that `mintToken` consumes. Bytes of 248 and above are skipped, so that every character is equally likely. */
export const MINT_RANDOM_BYTES = 96;

/**
 * Makes a token `sp_<kind>_<8 id><32 secret>_<6 check>`: base62, 190 random bits in the secret, CRC-32 of all before the
 * last underscore.
 *
 * @param random at least `MINT_RANDOM_BYTES` bytes of a cryptographic source.
 * @throws {RangeError} in the unlikely case (below 10^-24) that too many bytes had to be skipped.
 */
export function mintToken(kind: TokenKind, random: Uint8Array): MintedToken {
  const body = base62Of(random, ID_LENGTH + SECRET_LENGTH);
  const stem = `sp_${kind}_${body}`;
  return { token: `${stem}_${checkOf(stem)}`, publicId: body.slice(0, ID_LENGTH) };
}

/** Reads a token's kind and public id. `undefined` for anything that is not one, a wrong checksum included. */
export function parseToken(text: string): ParsedToken | undefined {
  const parts = FORM.exec(text);
  if (parts === null) return undefined;
  const [, kind, publicId, , check] = parts;
  if (checkOf(text.slice(0, -CHECK_LENGTH - 1)) !== check || publicId === undefined) return undefined;
  return { kind: kind as TokenKind, publicId };
}

function base62Of(random: Uint8Array, length: number): string {
  let text = '';
  for (const byte of random) {
    if (byte < 248) text += BASE62[byte % 62];
    if (text.length === length) return text;
  }
  throw new RangeError(`not enough random bytes for ${length} characters`);
}

function checkOf(stem: string): string {
  let rest = crc32(stem);
  let text = '';
  for (let at = 0; at < CHECK_LENGTH; at += 1) {
    text = BASE62[rest % 62] + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
