import { AdminClient, ReadStatusDocument, ReadWhoamiDocument } from '@sallyport/graphql-contract';
import { InvalidArgumentError, type Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, type CommandKit } from '../command-kit.js';
import { EXIT } from '../exit-codes.js';
import { fields, instant } from '../output/table.js';
import { keepCredentials, readSecret } from '../session/credentials.js';
import { readReadiness } from '../session/readiness.js';

/** `status`, `login URL`, `whoami`. */
export function addSessionCommands(program: Command, kit: CommandKit): void {
  example(program.command('status').description('say whether the deployment is up and what its workers have applied'), 'sallyport status').action(
    kit.run(async (context) => {
      const readiness = await readReadiness(context.session.url);
      const known = context.session.token === undefined ? undefined : await context.admin().run(ReadStatusDocument, {});
      if (!readiness.ready) context.exitCode = EXIT.failed;
      const workers = (known?.workers ?? []).map(({ workerId, appliedRevision, state }) => ({ workerId, appliedRevision, state }));
      const organisation = known?.organisation.slug ?? null;
      const revision = known?.revision ?? null;
      context.print(
        { url: context.session.url, ready: readiness.ready, missing: readiness.missing, organisation, revision, workers },
        fields([
          ['url', context.session.url],
          ['ready', readiness.ready ? 'yes' : `no: ${readiness.missing.join(', ')}`],
          ['organisation', organisation],
          ['revision', revision],
          ...workers.map((worker): [string, string] => [`worker ${worker.workerId}`, `${worker.state}, revision ${worker.appliedRevision}`]),
        ]),
      );
    }),
  );
  example(program.command('whoami').description('say who you are signed in as'), 'sallyport whoami').action(
    kit.run(async (context) => {
      const { whoami } = await context.admin().run(ReadWhoamiDocument, {});
      const { organisation, member, role, operator, token } = whoami;
      context.print(
        { url: context.session.url, organisation: organisation.slug, organisationId: organisation.id, member: member.name, memberId: member.id, role, operator, tokenId: token.id, expiresAt: token.expiresAt },
        fields([['url', context.session.url], ['organisation', `${organisation.name} (${organisation.slug})`], ['member', member.name], ['role', operator ? `${role}, operator` : role], ['token expires', instant(token.expiresAt)]]),
      );
    }),
  );
  const login = program.command('login <url>').description('sign in: reads an admin token from stdin (or --token @FILE) and keeps it for later commands');
  example(login, 'sallyport login https://sallyport.example.com < token.txt').action(
    kit.run(async (context, address: string) => {
      const url = origin(address);
      const token = context.flags.token === undefined ? (await context.terminal.readStdin()).trim() : readSecret(context.flags.token);
      if (token === '') throw cliFault.usage('No token was given: pipe it in, or give --token @FILE.');
      const { whoami } = await new AdminClient({ url, token, organisation: context.session.organisation }).run(ReadWhoamiDocument, {});
      const file = keepCredentials({ url, token }, context.terminal);
      context.print({ url, organisation: whoami.organisation.slug, member: whoami.member.name, role: whoami.role, file }, `Signed in to ${url} as ${whoami.member.name} (${whoami.role}). Kept in ${file}.`);
    }),
  );
}

function origin(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) throw new InvalidArgumentError('Give the address as https://host[:port].');
  return url.origin;
}
