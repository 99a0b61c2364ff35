import { Inject, Injectable } from '@nestjs/common';
import { decidePolicy, evolvePolicy, noPolicy, versionToRestore, type PolicyCommand, type PolicyTestsState } from '@sallyport/control-domain';
import { ok, refuse, type JsonObject, type PolicyId, type Result } from '@sallyport/kernel';
import type { PolicyDocument } from '@sallyport/policy-engine';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { newId } from '../../../platform/new-id.js';
import { checkDocument, enforcedText, type PublishableDocument } from '../check-document.js';
import { policyRefusals } from '../policy-refusals.js';
import { NO_TESTS, testsRefusal, unreadableTests } from '../policy-testing.js';
import { findPolicy } from '../read/policy-queries.js';
import type { PolicyRow } from '../read/policy-row.entity.js';

/** A document to be published; `document` is JSON text or an object. */
export interface PublishPolicyInput extends Asked {
  readonly name: string;
  readonly document: unknown;
  readonly note?: string | null | undefined;
  readonly server?: string | null | undefined;
  /** Their text, YAML or JSON; left out: those that stand beside the policy go on, `''` takes them away. */
  readonly tests?: string | null | undefined;
  readonly requireTests?: boolean | null | undefined;
}
/** A version, of a policy by id or name, to be published again. */
export interface RollbackPolicyInput extends Asked {
  readonly policy: string;
  readonly to: number;
  readonly note?: string | null | undefined;
}

/** The version a command published, or found published. */
export type PolicyIds = JsonObject & { readonly policyId: PolicyId; readonly version: number; readonly unchanged: boolean };
type Answer = Promise<Result<Committed<PolicyIds>, Refusal>>;

/** Publishes versions of policies. */
@Injectable()
export class PublishPolicy {
  constructor(@Inject(CommandRunner) private readonly runner: CommandRunner) {}

  /** Publishes a checked document under a name, which begins a policy when it is new. */
  publish(input: PublishPolicyInput, { checked, document }: PublishableDocument, caller: Caller): Answer {
    return this.runner.run<PolicyIds>(askedCommand('publishPolicy', input, caller), async (session) => {
      const row = await findPolicy(session.rows, session.organisationId, input.name);
      const policyId = row?.policyId ?? newId<PolicyId>(session.now);
      const tests = testsFor(input, row);
      const refused = publicationRefusal(input, tests, document);
      if (refused !== undefined) return refuse(refused);
      return decideOnPolicy(session, policyId, { type: 'publish', policyId, name: input.name, checked, note: input.note ?? '', ...(tests !== undefined && { tests }) });
    });
  }

  /** Publishes an earlier version's document again, enforced. */
  rollback(input: RollbackPolicyInput, caller: Caller): Answer {
    return this.runner.run<PolicyIds>(askedCommand('rollbackPolicy', input, caller), async (session) => {
      const row = await findPolicy(session.rows, session.organisationId, input.policy);
      if (row === null) return refuse(refusalAt(policyRefusals, { code: 'policy.unknown', pointer: '/policy' }));
      const { state } = await session.load({ kind: 'policy', id: row.policyId }, FOLD);
      const restored = versionToRestore(state, input.to);
      if (!restored.ok) return refuse(refusalAt(policyRefusals, restored.refusal));
      const document = checkDocument(enforcedText(restored.value.document));
      if (!document.ok) return refuse(NO_LONGER_READ);
      return decideOnPolicy(session, row.policyId, { type: 'restore', to: input.to, checked: document.value.checked, note: input.note ?? '' });
    });
  }
}

/** Tests that are required must be there and pass; tests that are given must be readable. */
function publicationRefusal(input: PublishPolicyInput, tests: PolicyTestsState | undefined, document: PolicyDocument): Refusal | undefined {
  const text = tests?.text ?? '';
  if (text === '') return input.requireTests === true ? NO_TESTS : undefined;
  if (tests?.required === true) return testsRefusal(text, document);
  return typeof input.tests === 'string' ? unreadableTests(text) : undefined;
}

/** The tests a publication brings, else those that stand beside the policy; whether they are required may be said anew. */
function testsFor({ tests, requireTests }: PublishPolicyInput, row: PolicyRow | null): PolicyTestsState | undefined {
  const text = tests ?? row?.tests ?? undefined;
  return text === undefined ? undefined : { text, required: requireTests ?? row?.testsRequired ?? false };
}

const FOLD = { initial: noPolicy, evolve: evolvePolicy };
const NO_LONGER_READ: Refusal = { code: 'policy_invalid', message: 'This version of Sallyport does not accept that document. Publish a corrected one.', pointer: '/to' };

/** Decides one command on a policy and notes its facts. */
export async function decideOnPolicy(session: CommandSession, policyId: PolicyId, command: PolicyCommand): Promise<Result<Done<PolicyIds>, Refusal>> {
  const object = { kind: 'policy', id: policyId } as const;
  const { state, version: streamVersion } = await session.load(object, FOLD);
  const decided = decidePolicy(command, state);
  if (!decided.ok) return refuse(refusalAt(policyRefusals, decided.refusal));
  session.append(object, streamVersion, decided.value);
  const newest = state.status === 'absent' ? 0 : state.versions.length;
  const added = decided.value.filter(({ type }) => type === 'policy.version_published').length;
  return ok({ ids: { policyId, version: newest + added, unchanged: added === 0 } });
}
