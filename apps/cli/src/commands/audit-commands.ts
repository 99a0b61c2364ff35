import {
  FollowAuditEventsDocument, ListAuditEventsDocument, ProveAuditConsistencyDocument, ProveAuditEventDocument, ReadAuditCheckpointDocument, ReadAuditHeadListDocument, ReadAuditKeysDocument, ReadAuditStreamsDocument, ShowAuditEventDocument,
  type AuditEventFieldsFragment, type AuditEventFilter, type AuditScope, type FollowAuditEventsSubscription,
} from '@sallyport/graphql-contract';
import type { JsonValue } from '@sallyport/kernel';
import type { Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, type CommandKit } from '../command-kit.js';
import { instantBefore } from '../output/durations.js';
import { eventAbout } from '../output/event-about.js';
import { moreLine, pageOf, pageVariables, wholeNumber, withPaging, type PageFlags } from '../output/paging.js';
import { prettyJson } from '../output/pretty-json.js';
import { instant, oneLine, table } from '../output/table.js';
import { subscribe } from '../session/subscribe.js';

interface ScopeFlags {
  readonly deployment?: boolean;
}

interface FilterFlags extends ScopeFlags {
  readonly identity?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly outcome?: readonly string[];
  readonly rule?: string;
  readonly reason?: string;
  readonly type?: string;
  readonly since?: string;
  readonly until?: string;
  readonly fromSeq?: number;
  readonly toSeq?: number;
}

const LARGEST_SEQ = 1e14;
const RECONNECTS = 5;

/** `audit list | tail | show | proof | consistency | checkpoint | key | status | heads`. Answers the group, for what else belongs to it. */
export function addAuditCommands(program: Command, kit: CommandKit): Command {
  const audit = program.command('audit').description('audit: everything that happened, in order and provable');
  addReading(audit, kit);
  addProving(audit, kit);
  return audit;
}

function addReading(audit: Command, kit: CommandKit): void {
  const list = withPaging(withRange(withFilter(audit.command('list').description('search audit events, newest first')), kit));
  example(list, 'sallyport audit list --type admin --since 7d', 'sallyport audit list --identity ci-runner --outcome denied').action(
    kit.run(async (context, flags: FilterFlags & PageFlags) => {
      const variables = { ...pageVariables(flags), filter: filterOf(flags), scope: scopeOf(flags) };
      const { auditEvents } = await context.during('Searching', context.admin().run(ListAuditEventsDocument, variables));
      const page = pageOf(auditEvents, itemOf);
      const rows = auditEvents.nodes.map((event) => [event.seq, instant(event.time), event.type, event.outcome, event.identity ?? event.identityId, eventAbout(event.line), event.ruleId ?? event.reasonCode]);
      context.print(page, table(['seq', 'at', 'event', 'outcome', 'by', 'about', 'rule'], rows, 'No audit events.') + moreLine(page));
    }),
  );
  const tail = withFilter(audit.command('tail').description('show audit events as they are stored, until Ctrl-C')).option('--after <seq>', 'go on after this event number', wholeNumber(0, LARGEST_SEQ));
  example(tail, 'sallyport audit tail --type admin').action(
    kit.run(async (context, flags: FilterFlags & { after?: number }) => {
      const variables = { filter: filterOf(flags), after: flags.after ?? null, scope: scopeOf(flags) };
      await subscribe<FollowAuditEventsSubscription>(context, { query: FollowAuditEventsDocument.toString(), variables, retries: RECONNECTS }, ({ auditStream }) => {
        const item = itemOf(auditStream);
        context.print(item, `${item.seq}  ${instant(item.time)}  ${item.type}  ${item.outcome ?? '–'}  ${oneLine(item.identity ?? item.identityId)}  ${oneLine(eventAbout(auditStream.line))}  ${item.ruleId ?? item.reasonCode ?? ''}`);
      });
    }),
  );
  example(withScope(audit.command('show <id>').description('show one audit event, whole')), 'sallyport audit show 0199…').action(
    kit.run(async (context, id: string, flags: ScopeFlags) => {
      const { auditEvent } = await context.admin().run(ShowAuditEventDocument, { id, scope: scopeOf(flags) });
      if (auditEvent === null || auditEvent === undefined) throw cliFault.not_found(`There is no audit event ${id}.`);
      const event: JsonValue = JSON.parse(auditEvent.line);
      context.print(event, prettyJson(event));
    }),
  );
  example(withScope(audit.command('status').description('how far the streams are, how far they are signed, and what is wrong; with --deployment all')), 'sallyport audit status').action(
    kit.run(async (context, flags: ScopeFlags) => {
      const { auditStreams } = await context.admin().run(ReadAuditStreamsDocument, { scope: scopeOf(flags) });
      const rows = auditStreams.map((head) => [head.stream, head.size, head.oldestSeq, head.signedSize, instant(head.signedAt), head.keyEpoch, head.alarm ?? 'none']);
      context.print(auditStreams, table(['stream', 'events', 'oldest', 'signed', 'at', 'key epoch', 'alarm'], rows, 'No audit events yet.'));
    }),
  );
}

function addProving(audit: Command, kit: CommandKit): void {
  example(withScope(audit.command('proof <id>').description('the proof that an event is in a signed head, for sallyport verify inclusion')), 'sallyport audit proof 0199… > proof.json').action(
    kit.run(async (context, id: string, flags: ScopeFlags) => {
      const { auditProof } = await context.admin().run(ProveAuditEventDocument, { eventId: id, scope: scopeOf(flags) });
      if (auditProof === null || auditProof === undefined) throw cliFault.not_found(`There is no audit event ${id}, or no signed head covers it yet.`);
      const { seq, leaf, proof, checkpoint } = auditProof;
      context.print({ seq, leaf, proof, checkpoint: checkpoint.note }, prettyJson({ seq, leaf, proof, checkpoint: checkpoint.note }));
    }),
  );
  const size = wholeNumber(0, LARGEST_SEQ);
  example(withScope(audit.command('consistency <old> <new>').description('the proof that the head of one size continues that of another')), 'sallyport audit consistency 1000 2000').action(
    kit.run(async (context, oldSize: string, newSize: string, flags: ScopeFlags) => {
      const { auditConsistency } = await context.admin().run(ProveAuditConsistencyDocument, { oldSize: size(oldSize), newSize: size(newSize), scope: scopeOf(flags) });
      context.print(auditConsistency.proof, auditConsistency.proof.join('\n'));
    }),
  );
  const checkpoint = withScope(audit.command('checkpoint').description('the newest signed head, a C2SP checkpoint')).option('--covering <seq>', 'the first head that covers this event', wholeNumber(1, LARGEST_SEQ));
  example(checkpoint, 'sallyport audit checkpoint > checkpoint.txt').action(
    kit.run(async (context, flags: ScopeFlags & { covering?: number }) => {
      const { auditCheckpoint } = await context.admin().run(ReadAuditCheckpointDocument, { covering: flags.covering ?? null, scope: scopeOf(flags) });
      if (auditCheckpoint === null || auditCheckpoint === undefined) throw cliFault.not_found('No head has been signed that covers this yet.');
      context.print(auditCheckpoint, auditCheckpoint.note);
    }),
  );
  example(withScope(audit.command('key').description('the public keys that sign the stream, as sallyport verify takes them')), 'sallyport audit key > audit.keys').action(
    kit.run(async (context, flags: ScopeFlags) => {
      const { auditKeys } = await context.admin().run(ReadAuditKeysDocument, { scope: scopeOf(flags) });
      context.print(auditKeys, auditKeys.join('\n'));
    }),
  );
  example(audit.command('heads').description('the newest note over the heads of all streams, for operators'), 'sallyport audit heads > heads.txt').action(
    kit.run(async (context) => {
      const { auditHeadList } = await context.admin().run(ReadAuditHeadListDocument, {});
      if (auditHeadList === null || auditHeadList === undefined) throw cliFault.not_found('No note over all heads has been signed yet.');
      context.print({ note: auditHeadList }, auditHeadList);
    }),
  );
}

function withScope(command: Command): Command {
  return command.option('--deployment', "the deployment's own stream, for operators");
}

function withFilter(command: Command): Command {
  return withScope(command)
    .option('--identity <identity>', 'by one identity, or a member by id')
    .option('--server <server>', 'for one server')
    .option('--tool <tool>', 'for one tool')
    .option('--outcome <outcome>', 'only this outcome, such as denied or failure; may be given again', (text: string, before: readonly string[] = []) => [...before, text])
    .option('--rule <rule>', 'settled by this rule')
    .option('--reason <code>', 'with this reason code')
    .option('--type <type>', 'of this type, such as call.decided, or kind of type, such as admin');
}

function withRange(command: Command, kit: CommandKit): Command {
  return command
    .option('--since <time>', 'from then on, such as 24h or a time', instantBefore(kit.nowMs))
    .option('--until <time>', 'before then', instantBefore(kit.nowMs))
    .option('--from-seq <seq>', 'from this event number on', wholeNumber(1, LARGEST_SEQ))
    .option('--to-seq <seq>', 'up to this event number', wholeNumber(1, LARGEST_SEQ));
}

function scopeOf({ deployment }: ScopeFlags): AuditScope {
  return deployment === true ? 'deployment' : 'organisation';
}

function filterOf({ identity, server, tool, outcome, rule, reason, type, since, until, fromSeq, toSeq }: FilterFlags): AuditEventFilter {
  const given = Object.entries({ identity, server, tool, rule, reason, type, since, until, fromSeq, toSeq }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...(outcome === undefined ? {} : { outcome: [...outcome] }) };
}

function itemOf({ id, seq, time, type, outcome, identity, identityId, server, serverId, tool, ruleId, reasonCode, hash }: AuditEventFieldsFragment) {
  return { eventId: id, seq, time, type, outcome, identity, identityId, server, serverId, tool, ruleId, reasonCode, hash };
}
