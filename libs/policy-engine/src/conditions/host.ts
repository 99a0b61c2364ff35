const HOST_TEXT = /^(?:\[[0-9a-fA-F:.]+\]|[^\s/?#@:[\]\\%*<>^|]+)$/u;
const IP_ADDRESS = /^(?:\[.*\]|\d+(?:\.\d+){3})$/;
const MAX_URL = 8_192;

/**
 * A host as the WHATWG URL standard writes it (lower case, Punycode, IPv4 and IPv6 in their one form), without a final dot.
 * Undefined when the text is no host: with a scheme, a port, a path, user information or a wildcard.
 */
export function canonicalHost(text: string): string | undefined {
  return HOST_TEXT.test(text) ? hostOfUrl(`http://${text}/`) : undefined;
}

/** The canonical host of an absolute URL; undefined when there is none: unparsable, too long, relative, or `mailto:` and the like. */
export function hostOfUrl(text: string): string | undefined {
  if (text.length > MAX_URL || !URL.canParse(text)) return undefined;
  const { hostname } = new URL(text);
  const host = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  return host === '' ? undefined : host.toLowerCase();
}

/** Whether a canonical host is one of those listed, or a sub-domain of one. An IP address has no sub-domains. */
export function isHostOf(host: string, listed: ReadonlySet<string>): boolean {
  if (listed.has(host)) return true;
  if (IP_ADDRESS.test(host)) return false;
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    if (listed.has(host.slice(dot + 1))) return true;
  }
  return false;
}
