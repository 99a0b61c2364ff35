/** An address without what may be a secret in it: user information, query and fragment. Text that is no address stays. */
export function maskedAddress(text: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)([^?#]*)([?#].*)?$/is.exec(text);
  if (match === null) return text;
  const [, scheme = '', authority = '', path = '', rest = ''] = match;
  const at = authority.lastIndexOf('@');
  const host = at === -1 ? authority : `<secret>@${authority.slice(at + 1)}`;
  return `${scheme}${host}${path}${rest === '' ? '' : `${rest.charAt(0)}<secret>`}`;
}
