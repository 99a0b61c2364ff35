import type { PolicyVersionPublished } from '@sallyport/domain-events';
import { ok, refuse, type Result } from '@sallyport/kernel';

import { isFreeText } from '../free-text.js';
import { isPolicyName } from '../names.js';
import { MAX_NOTE, type Policy, type PolicyCommand, type PolicyRefusal, type PolicyVersionState } from './policy.js';

type Decided = Result<readonly PolicyVersionPublished[], PolicyRefusal>;

/**
 * What a command means for a policy: a new version, none where the newest version has this very document already, or why
 * it is refused.
 */
export function decidePolicy(command: PolicyCommand, policy: Policy): Decided {
  if (!isFreeText(command.note, MAX_NOTE)) return refuse({ code: 'policy.note_invalid', pointer: '/note' });
  if (command.type === 'publish') return publish(command, policy);
  const restored = versionToRestore(policy, command.to);
  if (!restored.ok) return restored;
  return next(policy, command, restored.value.version);
}

/** The version a rollback names, or why it cannot. */
export function versionToRestore(policy: Policy, to: number): Result<PolicyVersionState, PolicyRefusal> {
  if (policy.status === 'absent') return refuse({ code: 'policy.unknown', pointer: '/policy' });
  const version = policy.versions.find((each) => each.version === to);
  return version === undefined ? refuse({ code: 'policy.version_unknown', pointer: '/to' }) : ok(version);
}

function publish(command: PolicyCommand & { type: 'publish' }, policy: Policy): Decided {
  if (policy.status === 'published') return next(policy, command, 0);
  if (!isPolicyName(command.name)) return refuse({ code: 'policy.name_invalid', pointer: '/name' });
  return ok([published(command, { policyId: command.policyId, name: command.name, version: 1 }, 0)]);
}

function next(policy: Policy, command: PolicyCommand, restoresVersion: number): Decided {
  if (policy.status === 'absent') return refuse({ code: 'policy.unknown', pointer: '/policy' });
  const newest = policy.versions.at(-1);
  if (newest?.documentHash === command.checked.documentHash) return ok([]);
  return ok([published(command, { policyId: policy.policyId, name: policy.name, version: policy.versions.length + 1 }, restoresVersion)]);
}

function published(
  command: PolicyCommand,
  key: Pick<PolicyVersionPublished['data'], 'policyId' | 'name' | 'version'>,
  restoresVersion: number,
): PolicyVersionPublished {
  return { type: 'policy.version_published', version: 1, data: { ...key, ...command.checked, note: command.note, restoresVersion } };
}
