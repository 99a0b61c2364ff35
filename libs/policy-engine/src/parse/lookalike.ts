const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\ufe00-\ufe0f]/u;
const ASCII = /^[\u0020-\u007e]*$/;
/** Letters of other scripts that are drawn as a Latin one (after Unicode's confusables, UTS 39), by that letter. */
const DRAWN_AS: Readonly<Record<string, string>> = {
  a: 'аɑαａ',
  b: 'ЬƄ',
  c: 'сϲᴄⅽ',
  d: 'ԁɗⅾ',
  e: 'еєҽ℮',
  g: 'ɡց',
  h: 'һհ',
  i: 'іıɩιӏ',
  j: 'јϳ',
  k: 'кκ',
  l: 'ӏǀⅼⵏ',
  m: 'мⅿ',
  n: 'ոռпη',
  o: 'оοօσ൦๐໐ⲟ',
  p: 'рρⲣ',
  q: 'ԛգ',
  r: 'гᴦⲅ',
  s: 'ѕꜱ',
  t: 'тτ',
  u: 'υսцʋ',
  v: 'ѵνᴠⅴ',
  w: 'ԝѡա',
  x: 'хχⅹ×',
  y: 'уγүʏ',
  z: 'ᴢ',
  A: 'АΑᎪ',
  B: 'ВΒᏴ',
  C: 'СϹⅭᏟ',
  D: 'ᎠⅮ',
  E: 'ЕΕᎬ',
  F: 'Ϝ',
  G: 'ԌᏀ',
  H: 'НΗᎻ',
  I: 'ІΙӀⅠ',
  J: 'ЈᎫ',
  K: 'КΚᏦ',
  L: 'ᏞⅬ',
  M: 'МΜᎷⅯ',
  N: 'ΝⲚ',
  O: 'ОΟՕⲞ',
  P: 'РΡᏢ',
  S: 'ЅՏᏚ',
  T: 'ТΤᎢ',
  U: 'Սሀ',
  V: 'ѴᏙⅤ',
  W: 'ԜᎳ',
  X: 'ХΧⅩ',
  Y: 'УΥҮ',
  Z: 'ΖᏃ',
  _: 'ߺ＿',
  '-': '‐‑‒–—−',
  '.': '․',
  '/': '∕⁄',
};
const LATIN_OF: ReadonlyMap<string, string> = new Map(Object.entries(DRAWN_AS).flatMap(([latin, others]) => [...others].map((other) => [other, latin] as const)));

/**
 * The plain name that a name could be taken for: it is written with letters of other scripts, or in another form of the same
 * ones. `''` when it holds what cannot be seen; undefined when it looks like nothing but itself.
 */
export function lookalikeOf(name: string): string | undefined {
  if (ASCII.test(name)) return undefined;
  if (INVISIBLE.test(name)) return '';
  const drawn = [...name.normalize('NFKC')].map((letter) => LATIN_OF.get(letter) ?? letter).join('');
  if (ASCII.test(drawn)) return drawn;
  return name.normalize('NFC') === name ? undefined : name.normalize('NFC');
}
