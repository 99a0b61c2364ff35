import type { AuditEvent } from '@sallyport/audit-event';

import type { Draft } from '../compact.js';
import { ipAddress } from '../ip-address.js';

/** Who acted: `actor` needs at least one of user, session or application, so an unknown one is named so. */
export function ocsfActor(event: AuditEvent): Draft {
  const { actor, client } = event;
  return {
    user: actor === undefined ? undefined : ocsfUser(event),
    session: { issuer: actor?.issuer, credential_uid: actor?.credential_id },
    app_name: client?.name ?? (actor === undefined ? UNKNOWN : undefined),
  };
}

/** `user` needs at least a name or an id. */
export function ocsfUser({ actor }: AuditEvent): Draft {
  const [typeId, type] = USER_TYPES[actor?.kind ?? 'unknown'];
  return {
    uid: actor?.identity_id,
    uid_alt: actor?.subject,
    name: actor?.name ?? (actor?.identity_id === undefined ? (actor?.subject ?? UNKNOWN) : undefined),
    type_id: typeId,
    type,
    groups: actor?.roles?.map((name) => ({ name })),
  };
}

/** Where it came from: an endpoint needs at least one of address, name or id. `ip` is left out where it is no address. */
export function ocsfSource({ source }: AuditEvent): Draft {
  const ip = ipAddress(source?.ip);
  return {
    ip,
    port: source?.port !== undefined && source.port <= MAX_PORT ? source.port : undefined,
    name: ip === undefined ? (source?.ip ?? UNKNOWN) : undefined,
    intermediate_ips: source?.forwarded_for?.filter((hop) => ipAddress(hop) !== undefined),
  };
}

/** The server that was called. */
export function ocsfDestination({ server }: AuditEvent): Draft | undefined {
  return server === undefined ? undefined : { uid: server.id, name: server.alias ?? server.name, hostname: server.host };
}

const UNKNOWN = 'unknown';
const MAX_PORT = 65_535;
/** OCSF: 0 Unknown, 1 User, 3 System, 4 Service, 99 Other. */
const USER_TYPES = {
  agent: [99, 'Agent'],
  human: [1, 'User'],
  service: [4, 'Service'],
  member: [1, 'User'],
  system: [3, 'System'],
  unknown: [0, 'Unknown'],
} as const;
