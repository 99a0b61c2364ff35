/**
 * A text as RFC 8785 writes it, in quotes. What no store and no receiver can hold, NUL and lone surrogates, becomes U+FFFD, so that the
 * result is always valid UTF-8.
 */
export function canonicalText(text: string): string {
  if (text.length > SHORT) return quoted(text);
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < FIRST_UNESCAPED || unit === QUOTE || unit === BACKSLASH || unit >= FIRST_SURROGATE) return quoted(text);
  }
  return `"${text}"`;
}

/** The text without what cannot be kept: each NUL and each lone surrogate is U+FFFD. */
export function keepableText(text: string): string {
  return SUSPECT.test(text) ? text.replace(UNKEEPABLE, '\ufffd') : text;
}

/** The first `units` UTF-16 units of a text, fewer where that would part a surrogate pair. */
export function cutText(text: string, units: number): string {
  if (text.length <= units) return text;
  const last = text.charCodeAt(units - 1);
  return text.slice(0, last >= FIRST_SURROGATE && last < FIRST_LOW_SURROGATE ? units - 1 : units);
}

function quoted(text: string): string {
  return JSON.stringify(keepableText(text));
}

const SUSPECT = /[\0\ud800-\udfff]/;
const UNKEEPABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const SHORT = 64;
const FIRST_UNESCAPED = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_SURROGATE = 0xd800;
const FIRST_LOW_SURROGATE = 0xdc00;
