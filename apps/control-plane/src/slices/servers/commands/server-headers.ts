import { headerNameProblem, isHeaderValue } from '@sallyport/control-domain';
import type { SealedHeader, Upstream } from '@sallyport/domain-events';
import { ok, refuse, type OrganisationId, type Result, type ServerId } from '@sallyport/kernel';
import type { SecretBox, SecretContext } from '@sallyport/secrets';

import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { InspectTarget } from '../../../platform/inspect-upstream.js';
import { headerValueRefusal, serverRefusals } from '../server-refusals.js';

/** A header with its value in the clear. */
export interface HeaderInput {
  readonly name: string;
  readonly value: string;
}

/** Whose key seals a header, and which server it belongs to. */
export interface HeaderOwner {
  readonly organisationId: OrganisationId;
  readonly serverId: ServerId;
  /** The organisation's key, wrapped. */
  readonly wrappedKey: string;
}

/** Headers that can be sent; refused with the pointer of the first that cannot. */
export function checkedHeaders(headers: readonly HeaderInput[] | null | undefined, pointer: string): Result<readonly HeaderInput[], Refusal> {
  const list = headers ?? [];
  const problem = headerNameProblem(list.map((header) => header.name), pointer);
  if (problem !== undefined) return refuse(refusalAt(serverRefusals, problem));
  const at = list.findIndex((header) => !isHeaderValue(header.value));
  return at < 0 ? ok(list) : refuse(headerValueRefusal(`${pointer}/${at}/value`));
}

/** Headers as events carry them: opened by nobody but a holder of the root key, for this server and this name. */
export function sealHeaders(box: SecretBox, owner: HeaderOwner, headers: readonly HeaderInput[]): readonly SealedHeader[] {
  return headers.map(({ name, value }) => ({ name, sealedValue: box.seal(contextOf(owner, name), owner.wrappedKey, value) }));
}

/** An upstream with its headers opened, for as long as it takes to list it. */
export function openUpstream(box: SecretBox, owner: HeaderOwner, upstream: Upstream): InspectTarget['upstream'] {
  if (upstream.kind === 'stdio') return upstream;
  const headers = upstream.headers.map(({ name, sealedValue }) => ({ name, value: box.open(contextOf(owner, name), owner.wrappedKey, sealedValue) }));
  return { kind: 'http', url: upstream.url, headers };
}

function contextOf({ organisationId, serverId }: HeaderOwner, name: string): SecretContext {
  return { organisationId, objectKind: 'server', objectId: serverId, field: `header:${name.toLowerCase()}` };
}
