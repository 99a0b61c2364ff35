import type { PolicyShadowStarted, PolicyShadowStopped, PolicyTestsSet, PolicyVersionPublished } from '@sallyport/domain-events';
import { ok, refuse, type Result } from '@sallyport/kernel';

import { isFreeText } from '../free-text.js';
import { isPolicyName } from '../names.js';
import { MAX_NOTE, type Policy, type PolicyCommand, type PolicyRefusal, type PolicyVersionState } from './policy.js';

/** The facts a decision about a policy can produce. */
export type PolicyFact = PolicyVersionPublished | PolicyShadowStarted | PolicyShadowStopped | PolicyTestsSet;

type Decided = Result<readonly PolicyFact[], PolicyRefusal>;
type Publishing = Exclude<PolicyCommand, { readonly type: 'shadow' }>;

/**
 * What a command means for a policy: a new version, none where the newest version has this very document already, or why
 * it is refused.
 */
export function decidePolicy(command: PolicyCommand, policy: Policy): Decided {
  if (command.type === 'shadow') return shadow(command.to, policy);
  if (!isFreeText(command.note, MAX_NOTE)) return refuse({ code: 'policy.note_invalid', pointer: '/note' });
  if (command.type === 'publish') return publish(command, policy);
  const restored = versionToRestore(policy, command.to);
  if (!restored.ok) return restored;
  const facts = next(policy, command, restored.value.version);
  return facts.ok ? ok([...facts.value, ...endOfShadow(policy, command.to)]) : facts;
}

/** What runs beside the live version: another one, or none. */
function shadow(to: number | null, policy: Policy): Decided {
  if (policy.status === 'absent') return refuse({ code: 'policy.unknown', pointer: '/policy' });
  if (to === policy.shadow) return ok([]);
  if (to === null) return ok(endOfShadow(policy, policy.shadow));
  const version = policy.versions.find((each) => each.version === to);
  if (version === undefined) return refuse({ code: 'policy.version_unknown', pointer: '/version' });
  const { policyId, name } = policy;
  return ok([{ type: 'policy.shadow_started', version: 1, data: { policyId, name, version: version.version, document: version.document } }]);
}

function endOfShadow(policy: Policy, version: number | null): readonly PolicyShadowStopped[] {
  if (policy.status === 'absent' || version === null || policy.shadow !== version) return [];
  return [{ type: 'policy.shadow_stopped', version: 1, data: { policyId: policy.policyId } }];
}

/** The version a rollback names, or why it cannot. */
export function versionToRestore(policy: Policy, to: number): Result<PolicyVersionState, PolicyRefusal> {
  if (policy.status === 'absent') return refuse({ code: 'policy.unknown', pointer: '/policy' });
  const version = policy.versions.find((each) => each.version === to);
  return version === undefined ? refuse({ code: 'policy.version_unknown', pointer: '/to' }) : ok(version);
}

function publish(command: PolicyCommand & { type: 'publish' }, policy: Policy): Decided {
  if (policy.status === 'published') {
    const facts = next(policy, command, 0);
    return facts.ok ? ok([...facts.value, ...testsOf(command, policy, policy.versions.length + facts.value.length)]) : facts;
  }
  if (!isPolicyName(command.name)) return refuse({ code: 'policy.name_invalid', pointer: '/name' });
  return ok([published(command, { policyId: command.policyId, name: command.name, version: 1 }, 0), ...testsOf(command, policy, 1)]);
}

/** Tests are set with the version they came with, where they are others than before. */
function testsOf({ policyId, tests }: PolicyCommand & { type: 'publish' }, policy: Policy, version: number): readonly PolicyTestsSet[] {
  const before = policy.status === 'absent' ? null : policy.tests;
  if (tests === undefined || (tests.text === (before?.text ?? '') && (tests.text === '' || tests.required === before?.required))) return [];
  const id = policy.status === 'absent' ? policyId : policy.policyId;
  return [{ type: 'policy.tests_set', version: 1, data: { policyId: id, version, tests: tests.text, required: tests.text !== '' && tests.required } }];
}

function next(policy: Policy, command: Publishing, restoresVersion: number): Result<readonly PolicyVersionPublished[], PolicyRefusal> {
  if (policy.status === 'absent') return refuse({ code: 'policy.unknown', pointer: '/policy' });
  const newest = policy.versions.at(-1);
  if (newest?.documentHash === command.checked.documentHash) return ok([]);
  return ok([published(command, { policyId: policy.policyId, name: policy.name, version: policy.versions.length + 1 }, restoresVersion)]);
}

function published(
  command: Publishing,
  key: Pick<PolicyVersionPublished['data'], 'policyId' | 'name' | 'version'>,
  restoresVersion: number,
): PolicyVersionPublished {
  return { type: 'policy.version_published', version: 1, data: { ...key, ...command.checked, note: command.note, restoresVersion } };
}
