import { beginsAt, isAlphanumericAt, type TextMatch } from './text-match.js';

/** Lengths by country, of the registry that ISO 13616 keeps with SWIFT. */
const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BI: 27, BR: 29, BY: 28, CH: 21, CR: 22, CY: 28, CZ: 24, DE: 22, DJ: 27, DK: 18, DO: 28, EE: 20, EG: 29,
  ES: 24, FI: 18, FK: 18, FO: 18, FR: 27, GB: 22, GE: 22, GI: 23, GL: 18, GR: 27, GT: 28, HN: 28, HR: 21, HU: 28, IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30, KW: 30, KZ: 20,
  LB: 28, LC: 32, LI: 21, LT: 20, LU: 20, LV: 21, LY: 25, MC: 27, MD: 24, ME: 22, MK: 19, MN: 20, MR: 27, MT: 31, MU: 30, NI: 28, NL: 18, NO: 15, OM: 23, PK: 24, PL: 28, PS: 29,
  PT: 25, QA: 29, RO: 24, RS: 22, RU: 33, SA: 24, SC: 31, SD: 18, SE: 24, SI: 19, SK: 24, SM: 27, SO: 23, ST: 25, SV: 28, TL: 23, TN: 24, TR: 26, UA: 29, VA: 22, VG: 24, XK: 20, YE: 30,
};
const START = /[A-Z]{2}\d\d/gi;
const GAP = /[ \u00a0\u2009-]/;
const GROUP = 4;

/** The detector `iban`: account numbers of ISO 13616 with their country's length and right check digits, together or in groups of four. */
export function findIbans(text: string): readonly TextMatch[] {
  const found: TextMatch[] = [];
  let from = 0;
  for (const { index } of text.matchAll(START)) {
    if (index < from || !beginsAt(text, index)) continue;
    const end = endOfIban(text, index);
    if (end === undefined) continue;
    found.push({ start: index, end });
    from = end;
  }
  return found;
}

function endOfIban(text: string, start: number): number | undefined {
  const length = IBAN_LENGTHS[text.slice(start, start + 2).toUpperCase()];
  if (length === undefined) return undefined;
  let characters = '';
  let at = start;
  while (characters.length < length) {
    if (characters.length > 0 && characters.length % GROUP === 0 && GAP.test(text[at] ?? '')) at += 1;
    if (!isAlphanumericAt(text, at)) return undefined;
    characters += text.charAt(at);
    at += 1;
  }
  return !isAlphanumericAt(text, at) && hasRightCheckDigits(characters) ? at : undefined;
}

/** ISO 7064, MOD 97-10: the first four characters moved to the end, letters as 10 to 35, leave 1. */
function hasRightCheckDigits(iban: string): boolean {
  const check = Number(iban.slice(2, 4));
  if (check < 2 || check > 98) return false;
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
