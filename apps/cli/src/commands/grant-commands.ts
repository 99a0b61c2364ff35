import {
  AttachPolicyDocument,
  IssueGrantDocument,
  ListGrantsDocument,
  RevokeGrantDocument,
  RotateGrantTokenDocument,
  ShowGrantDocument,
  type GrantFieldsFragment,
  type GrantStatus,
} from '@sallyport/graphql-contract';
import { Option, type Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { collectLabel, example, withWait, type CommandKit, type Wait } from '../command-kit.js';
import { enforcementPart, refusal } from '../output/answers.js';
import { instantAfter, isoDuration } from '../output/durations.js';
import { moreLine, pageOf, pageVariables, withPaging, type PageFlags } from '../output/paging.js';
import { fields, instant, table } from '../output/table.js';


interface IssueFlags {
  readonly identity: string;
  readonly server: string;
  readonly policy: string;
  readonly expires?: string;
  readonly label?: readonly { key: string; value: string }[];
  readonly wait: Wait;
}

interface ListFlags extends PageFlags {
  readonly identity?: string;
  readonly server?: string;
  readonly status?: GrantStatus;
  readonly asOf?: string;
}

/** `grant issue | rotate | revoke | attach | list | show`. */
export function addGrantCommands(program: Command, kit: CommandKit): void {
  const grant = program.command('grant').description('grants: this identity may use this server under this policy');
  addIssue(grant, kit);
  addRotate(grant, kit);
  addRevoke(grant, kit);
  addAttach(grant, kit);
  addReading(grant, kit);
}

function addIssue(grant: Command, kit: CommandKit): void {
  const issue = withWait(
    grant
      .command('issue')
      .description('issue a grant; its token is shown once')
      .requiredOption('--identity <identity>', 'who may call')
      .requiredOption('--server <server>', 'what may be called')
      .requiredOption('--policy <policy>', 'under which policy')
      .option('--expires <time>', 'until when, such as 90d; 90 days unless said, 365 at most', instantAfter(kit.nowMs))
      .option('--label <key=value>', 'a label; policies can read it', collectLabel),
  );
  example(issue, 'sallyport grant issue --identity ci-runner --server payments --policy refunds --wait enforced').action(
    kit.run(async (context, flags: IssueFlags) => {
      const input = {
        identity: flags.identity,
        server: flags.server,
        policy: flags.policy,
        waitFor: flags.wait,
        labels: [...(flags.label ?? [])],
        ...(flags.expires === undefined ? {} : { expiresAt: flags.expires }),
      };
      const { issueGrant: answer } = await context.during('Issuing the grant', context.admin().run(IssueGrantDocument, { input }));
      if (answer.__typename === 'Refusal') return refusal(context, answer);
      const { grantId, url, revision } = answer;
      const token = answer.token ?? null;
      context.print(
        { grantId, token, url, revision, ...enforcementPart(context, answer.enforcement) },
        fields([['grant', grantId], ['token', token], ['url', url], ['expires', instant(answer.grant.expiresAt)], ['revision', revision]]),
      );
      context.note('The token is shown this once.');
    }),
  );
}

function addRotate(grant: Command, kit: CommandKit): void {
  const rotate = withWait(grant.command('rotate <id>').description('give a grant a new token').option('--overlap <time>', 'how long the old token still works, 24h at most', isoDuration));
  example(rotate, 'sallyport grant rotate 0199… --overlap 1h').action(
    kit.run(async (context, id: string, flags: { overlap?: string; wait: Wait }) => {
      const input = { grant: id, waitFor: flags.wait, ...(flags.overlap === undefined ? {} : { overlap: flags.overlap }) };
      const { rotateGrantToken: answer } = await context.admin().run(RotateGrantTokenDocument, { input });
      if (answer.__typename === 'Refusal') return refusal(context, answer);
      const { grantId, url, revision, previousValidUntil } = answer;
      const token = answer.token ?? null;
      context.print(
        { grantId, token, url, previousValidUntil, revision, ...enforcementPart(context, answer.enforcement) },
        fields([['grant', grantId], ['token', token], ['old token until', instant(previousValidUntil)], ['revision', revision]]),
      );
      context.note('The token is shown this once.');
    }),
  );
}

function addRevoke(grant: Command, kit: CommandKit): void {
  const revoke = withWait(grant.command('revoke <id>').description('stop a grant for good').option('--reason <text>', 'why'));
  example(revoke, 'sallyport grant revoke 0199… --reason "left the team" --wait enforced').action(
    kit.run(async (context, id: string, flags: { reason?: string; wait: Wait }) => {
      const input = { grant: id, waitFor: flags.wait, ...(flags.reason === undefined ? {} : { reason: flags.reason }) };
      const work = context.admin().run(RevokeGrantDocument, { input });
      const { revokeGrant: answer } = await context.during('Waiting until the revocation is in force', work);
      if (answer.__typename === 'Refusal') return refusal(context, answer);
      const item = itemOf(answer.grant);
      context.print({ ...item, revision: answer.revision, ...enforcementPart(context, answer.enforcement) }, fields([['grant', item.grantId], ['status', item.status], ['revision', answer.revision]]));
    }),
  );
}

function addAttach(grant: Command, kit: CommandKit): void {
  const attach = withWait(grant.command('attach <id>').description('put a grant under another policy').requiredOption('--policy <policy>', 'the policy it follows from now on'));
  example(attach, 'sallyport grant attach 0199… --policy read-only').action(
    kit.run(async (context, id: string, flags: { policy: string; wait: Wait }) => {
      const { attachPolicy: answer } = await context.admin().run(AttachPolicyDocument, { input: { grant: id, policy: flags.policy, waitFor: flags.wait } });
      if (answer.__typename === 'Refusal') return refusal(context, answer);
      const item = itemOf(answer.grant);
      context.print({ ...item, revision: answer.revision, ...enforcementPart(context, answer.enforcement) }, fields([['grant', item.grantId], ['policy', item.policy], ['revision', answer.revision]]));
    }),
  );
}

function addReading(grant: Command, kit: CommandKit): void {
  const list = withPaging(
    grant
      .command('list')
      .description('list grants')
      .option('--identity <identity>', 'of one identity')
      .option('--server <server>', 'for one server')
      .addOption(new Option('--status <status>', 'only these').choices(['active', 'expired', 'revoked']))
      .option('--as-of <point>', 'as they were at a revision or a time'),
  );
  example(list, 'sallyport grant list --as-of 2026-11-01T00:00:00Z').action(
    kit.run(async (context, flags: ListFlags) => {
      const variables = { ...pageVariables(flags), identity: flags.identity ?? null, server: flags.server ?? null, status: flags.status ?? null, asOf: flags.asOf ?? null };
      const { grants } = await context.admin().run(ListGrantsDocument, variables);
      const page = pageOf(grants, itemOf);
      const rows = page.items.map((item) => [item.grantId, item.identity, item.server, item.policy, item.status, instant(item.expiresAt)]);
      context.print(page, table(['id', 'identity', 'server', 'policy', 'status', 'expires'], rows, 'No grants.') + moreLine(page));
    }),
  );
  example(grant.command('show <id>').description('show one grant').option('--as-of <point>', 'as it was at a revision or a time'), 'sallyport grant show 0199…').action(
    kit.run(async (context, id: string, flags: { asOf?: string }) => {
      const found = (await context.admin().run(ShowGrantDocument, { id, asOf: flags.asOf ?? null })).grant;
      if (found === null || found === undefined) throw cliFault.not_found(`There is no grant ${id}.`);
      const item = itemOf(found);
      const validity = (token: (typeof item.tokens)[number]): string => (item.status === 'active' ? ` ${token.current ? 'current' : 'previous'} until ${instant(token.validUntil)}` : '');
      const tokens = item.tokens.map((token) => `${token.publicId} (${token.id})${validity(token)}`);
      context.print(item, fields([['grant', item.grantId], ['identity', item.identity], ['server', item.server], ['policy', item.policy], ['status', item.status], ['url', item.url], ['issued', instant(item.issuedAt)], ['expires', instant(item.expiresAt)], ['tokens', tokens.join('; ')], ['revoked', instant(item.revokedAt)], ['reason', item.revocationReason]]));
    }),
  );
}

function itemOf(grant: GrantFieldsFragment) {
  const { id, identity, server, policy, labels, ...rest } = grant;
  return {
    grantId: id,
    identity: identity.name,
    server: server.slug,
    policy: policy.name,
    labels: Object.fromEntries(labels.map(({ key, value }) => [key, value])),
    ...rest,
  };
}
