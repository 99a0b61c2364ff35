import { CreateTokenDocument, ListTokensDocument, RevokeTokenDocument, type AdminTokenFieldsFragment, type Role } from '@sallyport/graphql-contract';
import { Option, type Command } from 'commander';

import { example, type CommandKit } from '../command-kit.js';
import { refusal } from '../output/answers.js';
import { instantAfter } from '../output/durations.js';
import { moreLine, pageOf, pageVariables, withPaging, type PageFlags } from '../output/paging.js';
import { fields, instant, table } from '../output/table.js';
import { ROLE_CHOICES } from './member-commands.js';

interface CreateFlags {
  readonly role: Role;
  readonly expires?: string;
  readonly name?: string;
  readonly member?: string;
}

/** `token create | list | revoke`. */
export function addTokenCommands(program: Command, kit: CommandKit): void {
  const token = program.command('token').description('admin tokens: what members sign in with');
  addCreate(token, kit);
  example(withPaging(token.command('list').description('list admin tokens, without their secrets')), 'sallyport token list').action(
    kit.run(async (context, flags: PageFlags) => {
      const { tokens } = await context.admin().run(ListTokensDocument, pageVariables(flags));
      const page = pageOf(tokens, itemOf);
      const rows = page.items.map((item) => [item.tokenId, item.label, item.role, item.status, instant(item.expiresAt), instant(item.lastUsedAt)]);
      context.print(page, table(['id', 'label', 'role', 'status', 'expires', 'last used'], rows, 'No tokens.') + moreLine(page));
    }),
  );
  example(token.command('revoke <id>').description('stop a token for good').option('--reason <text>', 'why'), 'sallyport token revoke 0199… --reason "laptop lost"').action(
    kit.run(async (context, id: string, options: { reason?: string }) => {
      const input = { id, ...(options.reason === undefined ? {} : { reason: options.reason }) };
      const { revokeToken } = await context.admin().run(RevokeTokenDocument, { input });
      if (revokeToken.__typename === 'Refusal') return refusal(context, revokeToken);
      const item = itemOf(revokeToken.adminToken);
      context.print({ ...item, revision: revokeToken.revision }, fields([['token', item.tokenId], ['status', item.status]]));
    }),
  );
}

function addCreate(token: Command, kit: CommandKit): void {
  const create = token
    .command('create')
    .description('create an admin token; it is shown once')
    .addOption(new Option('--role <role>', 'what the token may do, at most your own role').choices(ROLE_CHOICES).makeOptionMandatory())
    .option('--expires <time>', 'when it stops working, such as 30d; 90 days unless said, 365 at most', instantAfter(kit.nowMs))
    .option('--name <label>', 'a label to recognise it by')
    .option('--member <member>', 'whose token it is; your own unless said');
  example(create, 'sallyport token create --role viewer --expires 30d --name dashboard').action(
    kit.run(async (context, flags: CreateFlags) => {
      const input = {
        role: flags.role,
        ...(flags.expires === undefined ? {} : { expiresAt: flags.expires }),
        ...(flags.name === undefined ? {} : { label: flags.name }),
        ...(flags.member === undefined ? {} : { member: flags.member }),
      };
      const { createToken } = await context.admin().run(CreateTokenDocument, { input });
      if (createToken.__typename === 'Refusal') return refusal(context, createToken);
      const item = itemOf(createToken.adminToken);
      context.print(
        { ...item, token: createToken.token ?? null, revision: createToken.revision },
        fields([['token', createToken.token], ['id', item.tokenId], ['role', item.role], ['expires', instant(item.expiresAt)]]),
      );
      context.note('The token is shown this once.');
    }),
  );
}

function itemOf(token: AdminTokenFieldsFragment) {
  const { id, ...rest } = token;
  return { tokenId: id, ...rest };
}
