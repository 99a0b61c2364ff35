import type { Detector } from '../document.js';

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/gu;
/** The last four letters and digits, whatever stands between them. */
const LAST_FOUR = /(?:[\p{L}\p{N}][^\p{L}\p{N}]*){4}$/u;
const ARMOUR = /-{4,5} ?(?:BEGIN|END) [0-9A-Z ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}|Private-Lines: \d{1,4}|\\+[nrt]/g;

/**
 * A found value without its content, in its length and shape: an asterisk for every letter and digit, all else as it was.
 * Card numbers and IBANs keep their last four letters and digits, private keys their armour and line breaks; of secrets, tokens
 * and keys no other character is kept but white space and a token's dots.
 *
 * @param what `path` for a whole value that a path names.
 */
export function maskText(what: Detector | 'path', text: string): string {
  switch (what) {
    case 'credit_card':
    case 'iban':
      return maskAllBut(LAST_FOUR.exec(text)?.[0].length ?? 0, text);
    case 'secret':
      return text.replace(/\S/gu, '*');
    case 'jwt':
      return text.replace(/[^.]/g, '*');
    case 'private_key':
      return maskKey(text);
    case 'email':
      return text.replace(/%40/, '@').replace(LETTER_OR_DIGIT, '*');
    case 'path':
      return text.replace(LETTER_OR_DIGIT, '*');
  }
}

function maskAllBut(kept: number, text: string): string {
  return text.slice(0, text.length - kept).replace(LETTER_OR_DIGIT, '*') + text.slice(text.length - kept);
}

function maskKey(text: string): string {
  let masked = '';
  let from = 0;
  for (const { index, 0: armour } of text.matchAll(ARMOUR)) {
    masked += text.slice(from, index).replace(/\S/gu, '*') + armour;
    from = index + armour.length;
  }
  return masked + text.slice(from).replace(/\S/gu, '*');
}
