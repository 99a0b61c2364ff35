import { Inject, Injectable } from '@nestjs/common';
import type { OrganisationId } from '@sallyport/kernel';
import { compilePolicy, exportCorePolicy, importPolicy, parsePolicyTests, runPolicyTests, type PlacedFinding, type PolicyDocument, type PolicyTestOutcome } from '@sallyport/policy-engine';

import type { Refusal } from '../../platform/commands/refusal.js';
import { ReadPoints } from '../past/read-point.js';
import { policyRejected, refusalMember } from './policy-refusals.js';
import { sourceAt, type PolicySourceInput } from './policy-source.js';

const NAMED_FAILURES = 5;

/** A policy to be tested. `tests` is their text, YAML or JSON; left out: those that stand beside the published policy. */
export interface TestPolicyInput {
  readonly policy: PolicySourceInput;
  readonly tests?: string | null;
}

/** Runs tests of policies, and converts policies from the older form and to the core form. Publishes nothing. */
@Injectable()
export class PolicyTesting {
  constructor(@Inject(ReadPoints) private readonly points: ReadPoints) {}

  /** How each test goes. */
  async test(organisationId: OrganisationId, { policy, tests }: TestPolicyInput) {
    const source = await sourceAt(await this.points.at(organisationId, null), policy, '/policy');
    if (!source.ok) return source.refusal;
    const text = tests ?? source.value.published?.row.tests ?? null;
    if (text === null) return refusalMember(NO_TESTS);
    const read = parsePolicyTests(text);
    if (!read.ok) return textRejected('policy.tests_invalid', read.refusal);
    const outcomes = runPolicyTests(compilePolicy(source.value.document), read.value);
    const failed = outcomes.filter(({ passed }) => !passed).length;
    return { __typename: 'PolicyTestReport' as const, passed: outcomes.length - failed, failed, outcomes: outcomes.map(outcomeToGraphql) };
  }

  /** The document that decides as a policy of the older YAML form does, or what of it cannot be said exactly. */
  import(yaml: string) {
    const imported = importPolicy(yaml);
    if (!imported.ok) return textRejected('policy.not_importable', imported.refusal);
    return { __typename: 'ImportedPolicy' as const, document: imported.value.text, notes: imported.value.notes };
  }

  /** The policy in the core form alone, or what of it that form cannot say. */
  async export(organisationId: OrganisationId, policy: PolicySourceInput) {
    const source = await sourceAt(await this.points.at(organisationId, null), policy, '/policy');
    if (!source.ok) return source.refusal;
    const exported = exportCorePolicy(source.value.document);
    return exported.ok ? { __typename: 'ExportedPolicy' as const, document: exported.value } : { ...policyRejected(exported.refusal), code: 'policy.not_exportable' };
  }
}

/** Why a document may not be published: its required tests fail, or cannot be read. */
export function testsRefusal(text: string, document: PolicyDocument): Refusal | undefined {
  const read = parsePolicyTests(text);
  if (!read.ok || UNKEEPABLE.test(text)) return unreadableTests(text);
  const failed = runPolicyTests(compilePolicy(document), read.value).filter(({ passed }) => !passed);
  if (failed.length === 0) return undefined;
  const names = failed.slice(0, NAMED_FAILURES).map(({ name }) => `"${name}"`);
  const more = failed.length > names.length ? ` and ${failed.length - names.length} more` : '';
  return { code: 'policy.tests_failed', message: `Its required tests fail: ${names.join(', ')}${more}.`, pointer: '/tests' };
}

/** Why tests cannot stand beside a policy: they cannot be read, or not be kept. */
export function unreadableTests(text: string): Refusal | undefined {
  if (UNKEEPABLE.test(text)) return { code: 'policy.tests_invalid', message: 'Tests hold neither NUL nor half a surrogate pair.', pointer: '/tests' };
  const read = parsePolicyTests(text);
  return read.ok ? undefined : { code: 'policy.tests_invalid', message: firstOf(read.refusal), pointer: '/tests' };
}

/** What neither an event nor PostgreSQL keeps. */
const UNKEEPABLE = /\0|\p{Surrogate}/u;

/** Where tests are asked for and there are none. */
export const NO_TESTS: Refusal = { code: 'policy.tests_missing', message: 'No tests stand beside this policy. Give their text.', pointer: '/tests' };

/** A text that could not be read, as GraphQL's `TextRejected`: its first finding stands for all. */
function textRejected(code: string, findings: readonly PlacedFinding[]) {
  return { __typename: 'TextRejected' as const, code, message: firstOf(findings), pointer: findings[0]?.pointer ?? '', findings };
}

function firstOf([first]: readonly PlacedFinding[]): string {
  return first === undefined ? 'The text cannot be read.' : `Line ${first.line}, column ${first.column}: ${first.message}`;
}

function outcomeToGraphql({ name, passed, deniedBefore, want, seen }: PolicyTestOutcome) {
  const wanted = { effect: want.effect, rule: want.rule ?? null, reason: want.reason ?? null, message: want.message ?? null };
  return { name, passed, deniedBefore, want: wanted, seen: { ...seen, message: seen.message === '' ? null : seen.message } };
}
