import { ListEventsDocument, ListWorkersDocument, ReadEnforcementDocument, ReadRevisionDocument, type EventFieldsFragment } from '@sallyport/graphql-contract';
import type { Command } from 'commander';

import { example, type CommandKit } from '../command-kit.js';
import { EXIT } from '../exit-codes.js';
import { moreLine, pageOf, pageVariables, wholeNumber, withPaging, type PageFlags } from '../output/paging.js';
import { instant, oneLine, table } from '../output/table.js';

/** `events list`, `revision`, `worker list`. */
export function addEventCommands(program: Command, kit: CommandKit): void {
  const events = program.command('events').description('events: every change, in order');
  const list = withPaging(
    events.command('list').description('list changes, oldest first').option('--object <kind/id>', 'of one object, such as policy/refunds or grant/0199…').option('--as-of <point>', 'up to a revision or a time'),
  );
  example(list, 'sallyport events list --object policy/refunds').action(
    kit.run(async (context, flags: PageFlags & { object?: string; asOf?: string }) => {
      const answer = await context.admin().run(ListEventsDocument, { ...pageVariables(flags), object: flags.object ?? null, asOf: flags.asOf ?? null });
      const page = pageOf(answer.events, itemOf);
      const rows = page.items.map((item) => [item.revision, instant(item.occurredAt), item.type, item.object, item.actor.name ?? item.actor.memberId ?? item.actor.kind]);
      context.print(page, table(['revision', 'at', 'event', 'object', 'by'], rows, flags.object === undefined ? 'No events.' : `No events of ${oneLine(flags.object)}.`) + moreLine(page));
    }),
  );
  const revision = program
    .command('revision [n]')
    .description("the organisation's newest revision; with --wait enforced N, wait until every worker has applied N")
    .option('--wait <stage>', 'enforced: wait until every worker has applied it (at most 15 s)');
  example(revision, 'sallyport revision', 'sallyport revision --wait enforced 42').action(
    kit.run(async (context, given: string | undefined, flags: { wait?: string }) => {
      const admin = context.admin();
      const wanted = given === undefined ? (await admin.run(ReadRevisionDocument, {})).revision : wholeNumber(1, Number.MAX_SAFE_INTEGER)(given);
      if (flags.wait === undefined) return context.print({ revision: wanted }, String(wanted));
      const waitFor = flags.wait === 'enforced' ? 'ENFORCED' : 'COMMITTED';
      const { enforcement } = await context.during(`Waiting for revision ${wanted}`, admin.run(ReadEnforcementDocument, { revision: wanted, waitFor }));
      const { reached, outstanding } = enforcement;
      if (!reached) context.exitCode = EXIT.failed;
      context.print({ revision: wanted, reached, outstanding }, reached ? `Revision ${wanted} is in force on every worker.` : `Revision ${wanted} is not in force yet on: ${outstanding.join(', ')}`);
    }),
  );
  const worker = program.command('worker').description('workers: the gateways that decide calls');
  example(worker.command('list').description('list workers and what they have applied'), 'sallyport worker list').action(
    kit.run(async (context) => {
      const { workers } = await context.admin().run(ListWorkersDocument, {});
      const items = workers.map(({ workerId, appliedRevision, stampAgeMs, state }) => ({ workerId, appliedRevision, stampAgeMs: typeof stampAgeMs === 'number' ? Math.round(stampAgeMs) : null, state }));
      context.print(items, table(['worker', 'state', 'revision', 'stamp age ms'], items.map((item) => [item.workerId, item.state, item.appliedRevision, item.stampAgeMs]), 'No workers.'));
    }),
  );
}

function itemOf(event: EventFieldsFragment) {
  const { id, ...rest } = event;
  return { eventId: id, ...rest };
}
