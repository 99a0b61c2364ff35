import type { IdentityCreated, IdentityDisabled, IdentityEnabled, IdentityRegrouped, IdentityRelabelled, Labels } from '@sallyport/domain-events';
import { ok, refuse, type Result } from '@sallyport/kernel';

import { labelProblem, sameLabels } from '../labels.js';
import { isIdentityName } from '../names.js';
import { groupsFrom, sameGroups } from './groups.js';
import type { Identity, IdentityCommand, IdentityRefusal } from './identity.js';

/** The facts a decision about an identity can produce. */
export type IdentityFact = IdentityCreated | IdentityRelabelled | IdentityRegrouped | IdentityDisabled | IdentityEnabled;

/**
 * What a command means for an identity: the new facts, none where it is so already, or why it is refused.
 * Pure; the same command on the same state gives the same answer.
 */
export function decideIdentity(command: IdentityCommand, identity: Identity): Result<readonly IdentityFact[], IdentityRefusal> {
  if (command.type === 'create') return create(command, identity);
  if (identity.status === 'absent') return refuse({ code: 'identity.unknown', pointer: '/identity' });
  const { identityId } = identity;
  switch (command.type) {
    case 'relabel':
      return relabel(command.labels, identity);
    case 'regroup':
      return regroup(command.groups, identity);
    case 'disable':
      return ok(identity.status === 'disabled' ? [] : [{ type: 'identity.disabled', version: 1, data: { identityId } }]);
    case 'enable':
      return ok(identity.status === 'active' ? [] : [{ type: 'identity.enabled', version: 1, data: { identityId } }]);
  }
}

type Known = Exclude<Identity, { status: 'absent' }>;

function create(command: Extract<IdentityCommand, { type: 'create' }>, identity: Identity): Result<readonly IdentityFact[], IdentityRefusal> {
  const { identityId, name, kind, labels } = command;
  if (identity.status !== 'absent') return refuse({ code: 'identity.exists', pointer: '' });
  if (!isIdentityName(name)) return refuse({ code: 'identity.name_invalid', pointer: '/name' });
  if (command.nameTaken) return refuse({ code: 'identity.name_taken', pointer: '/name' });
  const problem = labelProblem(labels);
  if (problem !== undefined) return refuse({ code: 'identity.label_invalid', pointer: problem });
  const groups = groupsFrom(command.groups);
  if (!groups.ok) return refuse({ code: 'identity.group_invalid', pointer: groups.refusal });
  return ok([{ type: 'identity.created', version: 2, data: { identityId, name, kind, labels, groups: groups.value } }]);
}

function relabel(labels: Labels, identity: Known): Result<readonly IdentityFact[], IdentityRefusal> {
  const problem = labelProblem(labels);
  if (problem !== undefined) return refuse({ code: 'identity.label_invalid', pointer: problem });
  if (sameLabels(labels, identity.labels)) return ok([]);
  return ok([{ type: 'identity.relabelled', version: 1, data: { identityId: identity.identityId, labels } }]);
}

function regroup(names: readonly string[], identity: Known): Result<readonly IdentityFact[], IdentityRefusal> {
  const groups = groupsFrom(names);
  if (!groups.ok) return refuse({ code: 'identity.group_invalid', pointer: groups.refusal });
  if (sameGroups(groups.value, identity.groups)) return ok([]);
  return ok([{ type: 'identity.regrouped', version: 1, data: { identityId: identity.identityId, groups: groups.value } }]);
}
