import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import type { EgressRules } from '@sallyport/operator-file';
import { ok, refuse, type Result } from '@sallyport/kernel';
import ipaddr from 'ipaddr.js';

/** On whose behalf an address is reached; the operator may open a network for some organisations only, by id or by slug. */
export interface EgressScope {
  readonly organisationId: string;
  readonly organisationSlug: string;
}

/** Why an address may not be reached. `message` is for the organisation: it says what to change and never contains a resolved address. */
export interface EgressRefusal {
  readonly code: 'not_a_url' | 'scheme' | 'credentials' | 'port' | 'address' | 'unresolvable';
  readonly message: string;
}

/** An address that passed the first of the three checks. */
export interface GuardedUrl {
  readonly origin: string;
  readonly protocol: 'http:' | 'https:';
  /** A name or an address literal, IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
}

/** Resolves a name to every address it has; throws when it has none. */
export type Resolver = (hostname: string) => Promise<readonly string[]>;

/**
 * Decides which addresses upstreams and sinks may be reached at. Public unicast addresses on https (443 and the operator's ports); everything else
 * only inside the networks the operator opened. Three checks, each by its own method: the parsed host, the resolved set, the connected peer.
 *
 * @see The operator's file, `egress`.
 */
export class EgressGuard {
  private readonly networks: readonly Network[];

  constructor(
    private readonly rules: EgressRules,
    private readonly resolver: Resolver = resolveAll,
  ) {
    this.networks = rules.allow.map((entry) => ({ range: ipaddr.parseCIDR(entry.cidr), organisations: entry.organisations }));
  }

  /** First check, no network: form, scheme, and the host if it is an address literal. A name is judged when it is resolved. */
  checkUrl(url: string, scope: EgressScope): Result<GuardedUrl, EgressRefusal> {
    const parsed = parseUrl(url);
    if (!parsed.ok || isIP(parsed.value.hostname) === 0) return parsed;
    const refusal = this.judge(parsed.value, [parsed.value.hostname], scope);
    return refusal === undefined ? parsed : refuse(refusal);
  }

  /** Second check: every address of the host must pass; the first is the one to connect to. */
  async pin(target: GuardedUrl, scope: EgressScope): Promise<Result<string, EgressRefusal>> {
    const addresses = await this.addressesOf(target.hostname);
    const [first] = addresses;
    if (first === undefined) return refuse(UNRESOLVABLE);
    const refusal = this.judge(target, addresses, scope);
    return refusal === undefined ? ok(first) : refuse(refusal);
  }

  /** Third check: the peer of a connection is the pinned address and passes too. */
  acceptsPeer(target: GuardedUrl, scope: EgressScope, peer: { readonly pinned: string; readonly connected: string | undefined }): boolean {
    if (peer.connected === undefined || !isSameAddress(peer.pinned, peer.connected)) return false;
    return this.judge(target, [peer.connected], scope) === undefined;
  }

  private async addressesOf(hostname: string): Promise<readonly string[]> {
    if (isIP(hostname) !== 0) return [hostname];
    try {
      return await this.resolver(hostname);
    } catch {
      return [];
    }
  }

  private judge(target: GuardedUrl, addresses: readonly string[], scope: EgressScope): EgressRefusal | undefined {
    for (const address of addresses) {
      if (!ipaddr.isValid(address)) return PRIVATE_ADDRESS;
      const parsed = ipaddr.parse(address);
      if (this.isOpened(parsed, scope)) continue;
      if (!isPublic(parsed)) return PRIVATE_ADDRESS;
      if (target.protocol !== 'https:') return PLAIN_HTTP;
      if (target.port !== 443 && !this.rules.ports.includes(target.port)) return ODD_PORT;
    }
    return undefined;
  }

  private isOpened(address: Address, scope: EgressScope): boolean {
    return this.networks.some(({ range, organisations }) => {
      if (address.kind() !== range[0].kind() || !address.match(range)) return false;
      if (organisations === undefined) return true;
      return organisations.includes(scope.organisationId) || organisations.includes(scope.organisationSlug);
    });
  }
}

type Address = ReturnType<typeof ipaddr.parse>;

interface Network {
  readonly range: ReturnType<typeof ipaddr.parseCIDR>;
  readonly organisations: readonly string[] | undefined;
}

const OPEN_IT = "the machine's operator can open a network under `egress.allow` in sallyport.yaml";
const UNRESOLVABLE: EgressRefusal = { code: 'unresolvable', message: 'The host name has no address. Check its spelling.' };
const PRIVATE_ADDRESS: EgressRefusal = {
  code: 'address',
  message: `The host is not on the public internet, and its network is not opened for this organisation; ${OPEN_IT}.`,
};
const PLAIN_HTTP: EgressRefusal = { code: 'scheme', message: `Plain http is accepted only inside opened networks. Use https, or ${OPEN_IT}.` };
const ODD_PORT: EgressRefusal = {
  code: 'port',
  message: 'Only port 443 and the ports under `egress.ports` in sallyport.yaml may be reached on the public internet.',
};

const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/** `range()` alone would take IPv4-compatible addresses (`::127.0.0.1`) and unassigned space for unicast. */
function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST);
}

function parseUrl(text: string): Result<GuardedUrl, EgressRefusal> {
  if (!URL.canParse(text)) return refuse({ code: 'not_a_url', message: 'This is not an absolute URL, such as https://example.com/mcp.' });
  const url = new URL(text);
  const { protocol } = url;
  if (protocol !== 'http:' && protocol !== 'https:') return refuse({ code: 'scheme', message: 'Only http and https addresses can be reached.' });
  if (url.username !== '' || url.password !== '') {
    return refuse({ code: 'credentials', message: 'The address carries a user name or password. Give credentials as a header instead.' });
  }
  const port = url.port === '' ? DEFAULT_PORT[protocol] : Number(url.port);
  return ok({ origin: url.origin, protocol, hostname: withoutBrackets(url.hostname), port, path: url.pathname + url.search });
}

const DEFAULT_PORT = { 'http:': 80, 'https:': 443 } as const;

function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function isSameAddress(one: string, other: string): boolean {
  if (!ipaddr.isValid(one) || !ipaddr.isValid(other)) return false;
  return ipaddr.parse(one).toNormalizedString() === ipaddr.parse(other).toNormalizedString();
}

async function resolveAll(hostname: string): Promise<readonly string[]> {
  const answers = await lookup(hostname, { all: true });
  return answers.map((answer) => answer.address);
}
