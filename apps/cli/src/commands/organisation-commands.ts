import { CreateOrganisationDocument, ListOrganisationsDocument, type OrganisationFieldsFragment } from '@sallyport/graphql-contract';
import type { Command } from 'commander';

import { example, type CommandKit } from '../command-kit.js';
import { refusal } from '../output/answers.js';
import { moreLine, pageOf, pageVariables, withPaging, type PageFlags } from '../output/paging.js';
import { fields, instant, table } from '../output/table.js';

/** `org create NAME | list`. */
export function addOrganisationCommands(program: Command, kit: CommandKit): void {
  const org = program.command('org').description('organisations: the tenants of this deployment');
  example(
    org.command('create <name>').description('create an organisation (operators only)').option('--slug <slug>', 'its short name in flags and addresses'),
    'sallyport org create "Acme Payments"',
  ).action(
    kit.run(async (context, name: string, options: { slug?: string }) => {
      const input = { name, ...(options.slug === undefined ? {} : { slug: options.slug }) };
      const { createOrganisation: answer } = await context.admin().run(CreateOrganisationDocument, { input });
      if (answer.__typename === 'Refusal') return refusal(context, answer);
      const organisation = itemOf(answer.organisation);
      context.print(
        { ...organisation, memberId: answer.member.id, revision: answer.revision },
        fields([['organisation', organisation.organisationId], ['slug', organisation.slug], ['next', `sallyport --org ${organisation.slug} token create --role admin`]]),
      );
    }),
  );
  example(withPaging(org.command('list').description('list the organisations you may act in')), 'sallyport org list').action(
    kit.run(async (context, flags: PageFlags) => {
      const { organisations } = await context.admin().run(ListOrganisationsDocument, pageVariables(flags));
      const page = pageOf(organisations, itemOf);
      const rows = page.items.map((item) => [item.slug, item.name, instant(item.createdAt), item.organisationId]);
      context.print(page, table(['slug', 'name', 'created', 'id'], rows, 'No organisations.') + moreLine(page));
    }),
  );
}

function itemOf(organisation: OrganisationFieldsFragment) {
  const { id, ...rest } = organisation;
  return { organisationId: id, ...rest };
}
