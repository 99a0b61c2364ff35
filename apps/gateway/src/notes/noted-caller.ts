import { cutText } from '@sallyport/audit-event';
import type { NotedCaller } from '@sallyport/audit';

import type { GrantBinding } from '../snapshot/grant-binding.js';

/** Who a note is about. */
export function notedCaller({ identity, grant, entry, server }: GrantBinding, sourceIp: string | null, clientName: string | null): NotedCaller {
  return {
    identityId: identity.identityId,
    identityName: identity.name,
    identityKind: identity.kind,
    grantId: grant.grantId,
    tokenId: entry.tokenId,
    serverId: server.serverId,
    serverSlug: server.slug,
    sourceIp,
    clientName: boundedName(clientName),
  };
}

/** What a caller names is kept to this length, so that no caller decides how large notes are. */
const MOST_CHARACTERS = 256;

/** A name from outside, not longer than notes keep it; half a surrogate pair at the cut goes too. */
export function boundedName<Name extends string | null>(name: Name): Name | string {
  if (name === null || name.length <= MOST_CHARACTERS) return name;
  return cutText(name, MOST_CHARACTERS);
}
