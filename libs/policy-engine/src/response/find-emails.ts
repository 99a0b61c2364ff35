import type { TextMatch } from './text-match.js';

const AT = /@|%40/g;
const LOCAL = /[\p{L}\p{N}!#$&'+/=?^_`{|}~.-]{1,64}$/u;
const DOMAIN = /(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}(?:xn--[a-z0-9-]{2,59}|\p{L}{2,63})(?![\p{L}\p{N}-])/uy;
const LONGEST_LOCAL = 64;
const STRAY_BEFORE = /^[!#$&'/=?^`{|}~.+-]+/;
/** `icon@2x.png` names a picture, `lib@1.2.3.tgz` a package. */
const FILE = /^(?:\d(?:\.\d+)?x|\d+(?:\.\d+)+)\.[a-z]+$/i;

/**
 * The detector `email`: addresses of RFC 5321 without quotes, in any script, with `@` or `%40`. A name for a version or a
 * picture, and the login of an SSH remote such as `git@example.org:team`, is none.
 */
export function findEmails(text: string): readonly TextMatch[] {
  const found: TextMatch[] = [];
  let from = 0;
  for (const { index, 0: sign } of text.matchAll(AT)) {
    const start = startOfLocal(text, Math.max(from, index - LONGEST_LOCAL), index);
    DOMAIN.lastIndex = index + sign.length;
    const domain = start === undefined ? undefined : DOMAIN.exec(text)?.[0];
    if (start === undefined || domain === undefined || FILE.test(domain)) continue;
    const end = index + sign.length + domain.length;
    if (text.slice(start, index) === 'git' && text[end] === ':') continue;
    found.push({ start, end });
    from = end;
  }
  return found;
}

function startOfLocal(text: string, from: number, at: number): number | undefined {
  const local = LOCAL.exec(text.slice(from, at))?.[0];
  if (local === undefined) return undefined;
  const address = withoutQuery(withoutEscape(local, text[at - local.length - 1]));
  return address === '' || address.endsWith('.') ? undefined : at - address.length;
}

/** What an escape before an address ends in is not part of it: `\nada@…` in JSON inside a text, `%3Dada@…` in a query. */
function withoutEscape(local: string, before: string | undefined): string {
  if (before === '\\') return local.replace(/^(?:[bfnrt]|u[0-9A-Fa-f]{4})/, '');
  return before === '%' ? local.replace(/^[0-9A-Fa-f]{2}/, '') : local;
}

/** RFC 5321 lets an address hold `=`, `/`, `?`, `&` and `|`; what is met has them before it. */
function withoutQuery(local: string): string {
  return local.slice(Math.max(...[...'=/?&|'].map((sign) => local.lastIndexOf(sign))) + 1).replace(STRAY_BEFORE, '');
}
