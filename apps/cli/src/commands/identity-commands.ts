import {
  CreateIdentityDocument,
  DisableIdentityDocument,
  EnableIdentityDocument,
  ListIdentitiesDocument,
  ShowIdentityDocument,
  type IdentityFieldsFragment,
  type IdentityKind,
} from '@sallyport/graphql-contract';
import { Option, type Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { collectGroup, collectLabel, example, withWait, type CommandKit, type Wait } from '../command-kit.js';
import { enforcementPart, refusal, type EnforcementAnswer, type RefusalAnswer } from '../output/answers.js';
import { moreLine, pageOf, pageVariables, withPaging, type PageFlags } from '../output/paging.js';
import { fields, table } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';
import { groupText, itemOf, labelText } from './identity-output.js';
import { addIdentityRegroupCommand } from './identity-regroup-command.js';

type SwitchAnswer =
  | ({ readonly __typename: 'Refusal' } & RefusalAnswer)
  | { readonly __typename: string; readonly identity: IdentityFieldsFragment; readonly revision: number; readonly enforcement?: EnforcementAnswer | null };
type Labels = readonly { key: string; value: string }[];

/** `identity create | list | show | regroup | disable | enable`. */
export function addIdentityCommands(program: Command, kit: CommandKit): void {
  const identity = program.command('identity').description('identities: who calls');
  addCreate(identity, kit);
  example(
    withPaging(identity.command('list').description('list identities').option('--as-of <point>', 'as they were at a revision or a time')),
    'sallyport identity list',
  ).action(
    kit.run(async (context, flags: PageFlags & { asOf?: string }) => {
      const { identities } = await context.admin().run(ListIdentitiesDocument, { ...pageVariables(flags), asOf: flags.asOf ?? null });
      const page = pageOf(identities, itemOf);
      const rows = page.items.map((item) => [item.name, item.kind, item.status, labelText(item.labels), groupText(item.groups), item.identityId]);
      context.print(page, table(['name', 'kind', 'status', 'labels', 'groups', 'id'], rows, 'No identities.') + moreLine(page));
    }),
  );
  example(identity.command('show <identity>').description('show one identity'), 'sallyport identity show ci-runner').action(
    kit.run(async (context, id: string) => {
      const found = (await context.admin().run(ShowIdentityDocument, { identity: id })).identity;
      if (found === null || found === undefined) throw cliFault.not_found(`There is no identity ${id}.`);
      const item = itemOf(found);
      context.print(item, fields([['identity', item.identityId], ['name', item.name], ['kind', item.kind], ['status', item.status], ['labels', labelText(item.labels)], ['groups', groupText(item.groups)]]));
    }),
  );
  addIdentityRegroupCommand(identity, kit);
  addSwitching(identity, kit);
}

function addSwitching(identity: Command, kit: CommandKit): void {
  example(withWait(identity.command('disable <identity>').description('deny every call of an identity')), 'sallyport identity disable ci-runner --wait enforced').action(
    kit.run(async (context, id: string, flags: { wait: Wait }) => {
      switched(context, (await context.admin().run(DisableIdentityDocument, { input: { identity: id, waitFor: flags.wait } })).disableIdentity);
    }),
  );
  example(withWait(identity.command('enable <identity>').description('let calls of an identity be decided again')), 'sallyport identity enable ci-runner').action(
    kit.run(async (context, id: string, flags: { wait: Wait }) => {
      switched(context, (await context.admin().run(EnableIdentityDocument, { input: { identity: id, waitFor: flags.wait } })).enableIdentity);
    }),
  );
}

function switched(context: CommandContext, answer: SwitchAnswer): void {
  if (!('identity' in answer)) return refusal(context, answer);
  const item = itemOf(answer.identity);
  context.print(
    { ...item, revision: answer.revision, ...enforcementPart(context, answer.enforcement) },
    fields([['identity', item.identityId], ['name', item.name], ['status', item.status], ['revision', answer.revision]]),
  );
}

function addCreate(identity: Command, kit: CommandKit): void {
  const create = identity
    .command('create <name>')
    .description('describe who calls')
    .addOption(new Option('--kind <kind>', 'what it is').choices(['agent', 'human', 'service']).makeOptionMandatory())
    .option('--label <key=value>', 'a label; policies can read it', collectLabel)
    .option('--group <name>', 'a group it is in; policies can ask for it', collectGroup);
  example(create, 'sallyport identity create ci-runner --kind agent --label team=payments --group ops').action(
    kit.run(async (context, name: string, flags: { kind: IdentityKind; label?: Labels; group?: readonly string[] }) => {
      const { createIdentity } = await context.admin().run(CreateIdentityDocument, { input: { name, kind: flags.kind, labels: [...(flags.label ?? [])], groups: [...(flags.group ?? [])] } });
      if (createIdentity.__typename === 'Refusal') return refusal(context, createIdentity);
      const item = itemOf(createIdentity.identity);
      context.print({ ...item, revision: createIdentity.revision }, fields([['identity', item.identityId], ['name', item.name], ['kind', item.kind]]));
    }),
  );
}
