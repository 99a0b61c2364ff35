import {
  DisableServerDocument,
  EnableServerDocument,
  ListServersDocument,
  RefreshServerDocument,
  RegisterServerDocument,
  ShowServerDocument,
  type ServerFieldsFragment,
  type ServerToolsFieldsFragment,
} from '@sallyport/graphql-contract';
import type { Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, withWait, type CommandKit, type Wait } from '../command-kit.js';
import { enforcementPart, refusal, type EnforcementAnswer, type RefusalAnswer } from '../output/answers.js';
import { isoDuration } from '../output/durations.js';
import { moreLine, pageOf, pageVariables, withPaging, type PageFlags } from '../output/paging.js';
import { fields, instant, table } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';
import { readSecret } from '../session/credentials.js';
import { addServerLabelCommand } from './server-label-command.js';

type ServerWithTools = ServerFieldsFragment & ServerToolsFieldsFragment;

interface HeaderFlag {
  readonly name: string;
  readonly value: string;
}

interface AddFlags {
  readonly url: string;
  readonly header?: readonly HeaderFlag[];
  readonly timeout?: string;
  readonly tools: boolean;
  readonly wait: Wait;
}

type ServerAnswer =
  | ({ readonly __typename: 'Refusal' } & RefusalAnswer)
  | { readonly __typename: string; readonly server: ServerWithTools; readonly revision: number; readonly enforcement?: EnforcementAnswer | null };

/** `server add | list | show | tools | refresh | disable | enable | label`. */
export function addServerCommands(program: Command, kit: CommandKit): void {
  const server = program.command('server').description('servers: the MCP servers behind the gateway');
  addRegister(server, kit);
  addReading(server, kit);
  addChanging(server, kit);
  addServerLabelCommand(server, kit);
}

function addRegister(server: Command, kit: CommandKit): void {
  const add = withWait(
    server
      .command('add <slug>')
      .description('register an MCP server and list its tools')
      .requiredOption('--url <url>', 'its streamable HTTP endpoint')
      .option('--header <header>', "a header sent upstream: 'Name: value', or 'Name: @FILE' to keep the value out of the command line", collectHeader)
      .option('--timeout <time>', 'how long one call may take, such as 60s', isoDuration)
      .option('--no-tools', 'register without listing its tools; calls are denied until a refresh'),
  );
  example(add, "sallyport server add tracker --url https://mcp.example.com/mcp --header 'Authorization: @token.txt'").action(
    kit.run(async (context, slug: string, flags: AddFlags) => {
      const input = {
        slug,
        url: flags.url,
        listTools: flags.tools,
        waitFor: flags.wait,
        headers: (flags.header ?? []).map(({ name, value }) => ({ name, value: readSecret(value) })),
        ...(flags.timeout === undefined ? {} : { timeout: flags.timeout }),
      };
      const { registerServer } = await context.during(`Listing the tools of ${slug}`, context.admin().run(RegisterServerDocument, { input }));
      answered(context, registerServer);
    }),
  );
}

function addReading(server: Command, kit: CommandKit): void {
  example(
    withPaging(server.command('list').description('list servers').option('--as-of <point>', 'as they were at a revision or a time')),
    'sallyport server list',
  ).action(
    kit.run(async (context, flags: PageFlags & { asOf?: string }) => {
      const { servers } = await context.admin().run(ListServersDocument, { ...pageVariables(flags), asOf: flags.asOf ?? null });
      const page = pageOf(servers, itemOf);
      const rows = page.items.map((item) => [item.slug, item.status, item.transport, item.url, item.protocolVersions[0], item.serverId]);
      context.print(page, table(['slug', 'status', 'transport', 'url', 'protocol', 'id'], rows, 'No servers.') + moreLine(page));
    }),
  );
  example(server.command('show <server>').description('show one server'), 'sallyport server show tracker').action(
    kit.run(async (context, id: string) => {
      const found = await find(context, id);
      const item = { ...itemOf(found), serverInfo: found.serverInfo, tools: found.tools.length, rejectedTools: found.rejectedTools };
      context.print(item, fields([['server', item.serverId], ['slug', item.slug], ['status', item.status], ['transport', item.transport], ['url', item.url], ['headers', item.headers.join(', ')], ['timeout', item.timeout], ['protocols', item.protocolVersions.join(', ')], ['tools', item.tools], ['tools approved', instant(item.toolsApprovedAt)]]));
    }),
  );
  example(server.command('tools <server>').description("list a server's tools and how they stand"), 'sallyport server tools tracker').action(
    kit.run(async (context, id: string) => {
      const found = await find(context, id);
      const rows = found.tools.map((tool) => [tool.name, tool.status, tool.category, tool.risk, shortened(tool.description ?? '')]);
      context.print({ items: found.tools, rejected: found.rejectedTools }, table(['tool', 'status', 'category', 'risk', 'description'], rows, 'No tools: run sallyport server refresh.') + rejectedLines(found));
    }),
  );
}

function addChanging(server: Command, kit: CommandKit): void {
  example(withWait(server.command('refresh <server>').description('list the tools again and approve what is listed')), 'sallyport server refresh tracker').action(
    kit.run(async (context, id: string, flags: { wait: Wait }) => {
      const work = context.admin().run(RefreshServerDocument, { input: { server: id, waitFor: flags.wait } });
      answered(context, (await context.during(`Listing the tools of ${id}`, work)).refreshServer);
    }),
  );
  example(withWait(server.command('disable <server>').description('deny every call to a server')), 'sallyport server disable tracker --wait enforced').action(
    kit.run(async (context, id: string, flags: { wait: Wait }) => {
      answered(context, (await context.admin().run(DisableServerDocument, { input: { server: id, waitFor: flags.wait } })).disableServer);
    }),
  );
  example(withWait(server.command('enable <server>').description('let calls to a server be decided again')), 'sallyport server enable tracker').action(
    kit.run(async (context, id: string, flags: { wait: Wait }) => {
      answered(context, (await context.admin().run(EnableServerDocument, { input: { server: id, waitFor: flags.wait } })).enableServer);
    }),
  );
}

function answered(context: CommandContext, answer: ServerAnswer): void {
  if (!('server' in answer)) return refusal(context, answer);
  const item = itemOf(answer.server);
  const tools = answer.server.tools.length;
  context.print(
    { ...item, tools, rejectedTools: answer.server.rejectedTools, revision: answer.revision, ...enforcementPart(context, answer.enforcement) },
    fields([['server', item.serverId], ['slug', item.slug], ['status', item.status], ['tools', tools], ['revision', answer.revision]]) + rejectedLines(answer.server),
  );
}

async function find(context: CommandContext, id: string) {
  const { server } = await context.admin().run(ShowServerDocument, { server: id });
  if (server === null || server === undefined) throw cliFault.not_found(`There is no server ${id}.`);
  return server;
}

function rejectedLines(server: ServerToolsFieldsFragment): string {
  const rows = server.rejectedTools.map((tool) => [shortened(tool.name), shortened(tool.reason)]);
  return rows.length === 0 ? '' : `\nNot offered:\n${table(['tool', 'why'], rows, '')}`;
}

function shortened(text: string): string {
  return text.length > 90 ? `${text.slice(0, 89)}…` : text;
}

function itemOf(server: ServerFieldsFragment) {
  const { id, headers, ...rest } = server;
  return { serverId: id, ...rest, headers: headers.map(({ name }) => name) };
}

/** What is no header is not shown again, as commander would: it may be a secret. */
/** What is no header is not shown again, as commander would: it may be a secret. */
function collectHeader(text: string, before: readonly HeaderFlag[] = []): readonly HeaderFlag[] {
  const at = text.indexOf(':');
  if (at < 1) throw cliFault.usage("Write a header as 'Name: value' or 'Name: @FILE'.");
  return [...before, { name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() }];
}
