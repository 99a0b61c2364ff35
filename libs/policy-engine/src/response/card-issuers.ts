/** The numbers of one card scheme: what they begin with, as inclusive ranges of equal length, and how many digits they have. */
interface CardIssuer {
  readonly prefixes: readonly (readonly [from: number, to: number])[];
  readonly lengths: readonly number[];
}

/** Card schemes by the ranges of ISO/IEC 7812 they have been given. */
const CARD_ISSUERS: Readonly<Record<string, CardIssuer>> = {
  visa: { prefixes: [[4, 4]], lengths: [13, 16, 19] },
  mastercard: { prefixes: [[51, 55], [2221, 2720]], lengths: [16] },
  'american express': { prefixes: [[34, 34], [37, 37]], lengths: [15] },
  'diners club': { prefixes: [[36, 36], [38, 39], [300, 305], [3095, 3095]], lengths: [14, 16, 19] },
  discover: { prefixes: [[6011, 6011], [644, 649], [65, 65]], lengths: [16, 17, 18, 19] },
  jcb: { prefixes: [[3528, 3589]], lengths: [16, 17, 18, 19] },
  unionpay: { prefixes: [[62, 62], [81, 81]], lengths: [16, 17, 18, 19] },
  maestro: { prefixes: [[5018, 5018], [5020, 5020], [5038, 5038], [5893, 5893], [6304, 6304], [6759, 6759], [6761, 6763], [676770, 676770], [676774, 676774]], lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  mir: { prefixes: [[2200, 2204]], lengths: [16, 17, 18, 19] },
  rupay: { prefixes: [[60, 60], [82, 82], [508, 508], [353, 353], [356, 356]], lengths: [16] },
  troy: { prefixes: [[9792, 9792]], lengths: [16] },
  verve: { prefixes: [[506099, 506198], [650002, 650027], [507865, 507964]], lengths: [16, 18, 19] },
};

/** Whether digits are those of a card: an issuer's range, a length that issuer uses, and Luhn's check digit (ISO/IEC 7812-1). */
export function isCardNumber(digits: string): boolean {
  return hasIssuer(digits) && luhnSum(digits) % 10 === 0;
}

function hasIssuer(digits: string): boolean {
  return Object.values(CARD_ISSUERS).some(({ prefixes, lengths }) => lengths.includes(digits.length) && prefixes.some((range) => isWithin(digits, range)));
}

function isWithin(digits: string, [from, to]: readonly [number, number]): boolean {
  const prefix = Number(digits.slice(0, String(from).length));
  return prefix >= from && prefix <= to;
}

function luhnSum(digits: string): number {
  let sum = 0;
  for (let at = digits.length - 1, isDoubled = false; at >= 0; at -= 1, isDoubled = !isDoubled) {
    const digit = digits.charCodeAt(at) - 0x30;
    const counted = isDoubled ? digit * 2 : digit;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return sum;
}
