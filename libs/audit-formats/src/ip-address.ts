/** Whether a text is an IPv4 address, four decimal numbers without leading zeros, or an IPv6 address (RFC 4291 2.2) without a zone; undefined: neither. */
export function ipVersionOf(text: string | undefined): 4 | 6 | undefined {
  if (text === undefined) return undefined;
  if (IPV4.test(text)) return 4;
  return isIpv6(text) ? 6 : undefined;
}

/** The text where it is an address of either kind. */
export function ipAddress(text: string | undefined): string | undefined {
  return ipVersionOf(text) === undefined ? undefined : text;
}

function isIpv6(text: string): boolean {
  const sides = text.split('::');
  if (sides.length > 2) return false;
  const counts = sides.map((side, at) => groupsIn(side, at === sides.length - 1));
  if (counts.includes(undefined)) return false;
  const groups = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return sides.length === 2 ? groups < GROUPS : groups === GROUPS;
}

/** How many groups of sixteen bits a side of `::` names. The end of an address may be in the form of IPv4, which is two. */
function groupsIn(side: string, isEnd: boolean): number | undefined {
  if (side === '') return 0;
  const parts = side.split(':');
  const embedded = isEnd && IPV4.test(parts.at(-1) ?? '');
  const hexadecimal = embedded ? parts.slice(0, -1) : parts;
  return hexadecimal.every((part) => GROUP.test(part)) ? hexadecimal.length + (embedded ? 2 : 0) : undefined;
}

const GROUPS = 8;
const GROUP = /^[0-9a-f]{1,4}$/i;
const IPV4 = /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;
