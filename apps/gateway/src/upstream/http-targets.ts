import { isFault, type ServerId } from '@sallyport/kernel';
import type { SecretBox } from '@sallyport/secrets';
import type { EgressGuard, GuardedUrl, HttpUpstream, HttpUpstreams } from '@sallyport/upstream';

import type { OrganisationSnapshot, ServerState } from '../snapshot/organisation-snapshot.js';

/** One server's way out over HTTP, ready for use: its pool, its path and its injected headers, opened. */
export interface HttpWay {
  readonly upstream: HttpUpstream;
  readonly path: string;
  /** Names in lower case and values in turn. Opened secrets: never logged, never answered. */
  readonly injected: readonly string[];
}

/** Why a server has no way out: its address may not be reached, or a sealed header does not open with this deployment's key. */
export type NoWay = 'egress' | 'secret';

/**
 * The ways out to HTTP servers, one per server as it stands: made at the first call after a change, with the sealed headers
 * opened then and not before. The pool of an address that is left behind is closed once its calls have ended.
 */
export class HttpTargets {
  private readonly byState = new WeakMap<ServerState, HttpWay | NoWay>();
  private readonly inUse = new Map<ServerId, GuardedUrl>();

  constructor(
    private readonly upstreams: HttpUpstreams,
    private readonly guard: EgressGuard,
    private readonly box: SecretBox,
  ) {}

  /** The way to a server whose upstream is of kind `http`. */
  of(organisation: OrganisationSnapshot, server: ServerState): HttpWay | NoWay {
    const known = this.byState.get(server);
    if (known !== undefined) return known;
    const made = this.make(organisation, server);
    this.byState.set(server, made);
    return made;
  }

  private make(organisation: OrganisationSnapshot, server: ServerState): HttpWay | NoWay {
    if (server.upstream.kind !== 'http') return 'egress';
    const scope = { organisationId: organisation.organisationId, organisationSlug: organisation.slug };
    const checked = this.guard.checkUrl(server.upstream.url, scope);
    if (!checked.ok) return 'egress';
    const injected = this.openHeaders(organisation, server, server.upstream.headers);
    if (injected === 'secret') return 'secret';
    this.leaveBehind(organisation, server, checked.value);
    return { upstream: this.upstreams.at(checked.value, scope), path: checked.value.path, injected };
  }

  private openHeaders(organisation: OrganisationSnapshot, server: ServerState, headers: readonly { readonly name: string; readonly sealedValue: string }[]): readonly string[] | 'secret' {
    const { organisationId, wrappedKey } = organisation;
    try {
      return headers.flatMap(({ name, sealedValue }) => {
        const lower = name.toLowerCase();
        const context = { organisationId, objectKind: 'server', objectId: server.serverId, field: `header:${lower}` };
        return [lower, this.box.open(context, wrappedKey, sealedValue)];
      });
    } catch (caught) {
      if (isFault(caught, 'secrets.cannot_open')) return 'secret';
      throw caught;
    }
  }

  private leaveBehind(organisation: OrganisationSnapshot, server: ServerState, url: GuardedUrl): void {
    const before = this.inUse.get(server.serverId);
    this.inUse.set(server.serverId, url);
    if (before === undefined || before.origin === url.origin) return;
    if ([...this.inUse.values()].some((used) => used.origin === before.origin)) return;
    this.upstreams.drop(before, { organisationId: organisation.organisationId, organisationSlug: organisation.slug });
  }
}
