import {
  ConfirmRevealDocument, ListRevealsDocument, ReadRevealDocument, RefuseRevealDocument, RequestRevealDocument, ShowRevealDocument,
  type RefusalFieldsFragment, type RevealFieldsFragment,
} from '@sallyport/graphql-contract';
import type { JsonValue } from '@sallyport/kernel';
import type { Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, type CommandKit } from '../command-kit.js';
import { refusal } from '../output/answers.js';
import { isoDuration } from '../output/durations.js';
import { moreLine, pageOf, pageVariables, wholeNumber, withPaging, type PageFlags } from '../output/paging.js';
import { prettyJson } from '../output/pretty-json.js';
import { fields, instant, oneLine, table } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';

/** `audit reveal request | list | show | confirm | refuse`. */
export function addRevealCommands(audit: Command, kit: CommandKit): void {
  const reveal = audit.command('reveal').description('reveals: recorded argument values, read by one member once another one agrees');
  addAsking(reveal, kit);
  addLooking(reveal, kit);
  addAnswering(reveal, kit);
}

function addAsking(reveal: Command, kit: CommandKit): void {
  const request = reveal
    .command('request <decision>')
    .description('ask to read the argument values that were kept of one decision; another auditor or admin has to confirm it')
    .requiredOption('--reason <text>', 'why; recorded')
    .option('--confirm-within <time>', 'how long another member may take to confirm it, 7d at most', isoDuration, 'PT24H');
  example(request, 'sallyport audit reveal request 0199… --reason "case 17"').action(
    kit.run(async (context, decision: string, { reason, confirmWithin }: { reason: string; confirmWithin: string }) => {
      const { requestReveal } = await context.admin().run(RequestRevealDocument, { input: { decision, reason, confirmWithin } });
      answered(context, requestReveal, ({ id, confirmBy }) => `\nAnother auditor or admin confirms it by ${instant(confirmBy)}: sallyport audit reveal confirm ${id}\n`);
    }),
  );
}

function addLooking(reveal: Command, kit: CommandKit): void {
  const list = withPaging(reveal.command('list').description('reveals, newest first').option('--decision <id>', 'only of this decision').option('--open', 'only those under way'));
  example(list, 'sallyport audit reveal list --open').action(
    kit.run(async (context, flags: PageFlags & { decision?: string; open?: boolean }) => {
      const { reveals } = await context.admin().run(ListRevealsDocument, { ...pageVariables(flags), decision: flags.decision ?? null, open: flags.open ?? false });
      const page = pageOf(reveals, itemOf);
      const rows = page.items.map((item) => [item.id, instant(item.requestedAt), item.status, item.decisionId, item.requestedBy, item.confirmedBy, item.reason]);
      context.print(page, table(['reveal', 'asked', 'status', 'decision', 'by', 'confirmed by', 'reason'], rows, 'No reveals.') + moreLine(page));
    }),
  );
  const show = reveal.command('show <id>').description('where a reveal stands; with --values, read the values: counted, and recorded in the audit stream').option('--values', 'read the values, as who asked');
  example(show, 'sallyport audit reveal show 0199…', 'sallyport audit reveal show 0199… --values').action(
    kit.run(async (context, id: string, { values }: { values?: boolean }) => {
      if (values === true) return readValues(context, id);
      const { reveal: found } = await context.admin().run(ShowRevealDocument, { id });
      if (found === null || found === undefined) throw cliFault.not_found(`There is no reveal ${id}.`);
      context.print(itemOf(found), factsOf(found));
    }),
  );
}

function addAnswering(reveal: Command, kit: CommandKit): void {
  const confirm = reveal
    .command('confirm <id>')
    .description('let another member, who asked, read the values')
    .option('--read-within <time>', 'how long they may be read, 24h at most', isoDuration, 'PT15M')
    .option('--reads <n>', 'how often they may be read, 10 times at most', wholeNumber(1, 10), 3);
  example(confirm, 'sallyport audit reveal confirm 0199…', 'sallyport audit reveal confirm 0199… --read-within 5m --reads 1').action(
    kit.run(async (context, id: string, { readWithin, reads }: { readWithin: string; reads: number }) => {
      const { confirmReveal } = await context.admin().run(ConfirmRevealDocument, { input: { reveal: id, readWithin, reads } });
      answered(context, confirmReveal, () => `\nWho asked reads them: sallyport audit reveal show ${id} --values\n`);
    }),
  );
  const refuse = reveal.command('refuse <id>').description('say no to a reveal, take back what you confirmed, or withdraw what you asked for').requiredOption('--reason <text>', 'why; recorded');
  example(refuse, 'sallyport audit reveal refuse 0199… --reason "not needed for case 17"').action(
    kit.run(async (context, id: string, { reason }: { reason: string }) => {
      const { refuseReveal } = await context.admin().run(RefuseRevealDocument, { input: { reveal: id, reason } });
      answered(context, refuseReveal, () => '');
    }),
  );
}

/** The values are the answer, alone: they can be piped to where they are needed. */
async function readValues(context: CommandContext, id: string): Promise<void> {
  const { readReveal } = await context.admin().run(ReadRevealDocument, { input: { reveal: id } });
  if (readReveal.__typename === 'Refusal') return refusal(context, readReveal);
  const { reveal, level, arguments: text } = readReveal;
  const values: JsonValue = JSON.parse(text);
  const left = (reveal.reads ?? 0) - reveal.readings;
  context.note(`${level === 'full' ? 'The arguments of the call' : 'The beginning of each argument, which is all that was kept'}. Recorded as read; ${left} more until ${instant(reveal.readBy)}.`);
  context.print({ revealId: reveal.id, decisionId: reveal.decisionId, level, arguments: values, readings: reveal.readings, reads: reveal.reads ?? null }, shown(values));
}

/** Escapes instead of signs that could move the terminal; JSON all the same. */
function shown(values: JsonValue): string {
  return prettyJson(values).split('\n').map(oneLine).join('\n');
}

type Answer = { readonly __typename: 'RequestRevealPayload' | 'ConfirmRevealPayload' | 'RefuseRevealPayload'; readonly reveal: RevealFieldsFragment; readonly revision: number } | ({ readonly __typename: 'Refusal' } & RefusalFieldsFragment);

function answered(context: CommandContext, answer: Answer, hint: (reveal: RevealFieldsFragment) => string): void {
  if (answer.__typename === 'Refusal') return refusal(context, answer);
  context.print({ ...itemOf(answer.reveal), revision: answer.revision }, factsOf(answer.reveal) + hint(answer.reveal));
}

function factsOf(reveal: RevealFieldsFragment): string {
  const { id, status, decisionId, reason, requestedBy, requestedAt, confirmBy, confirmedBy, readBy, reads, readings, refusedBy, refusalReason } = itemOf(reveal);
  return fields([
    ['reveal', id],
    ['status', status],
    ['decision', decisionId],
    ['asked by', requestedBy],
    ['at', instant(requestedAt)],
    ['reason', reason],
    ['confirm by', instant(confirmBy)],
    ['confirmed by', confirmedBy],
    ...(readBy === null ? [] : [['read by', instant(readBy)], ['read', `${readings} of ${reads ?? 0}`]] as const),
    ...(refusedBy === null ? [] : [['refused by', refusedBy], ['because', refusalReason]] as const),
  ]);
}

function itemOf({ id, status, decisionId, reason, requestedBy, requestedAt, confirmBy, confirmedBy, confirmedAt, readBy, reads, readings, refusedBy, refusalReason, revision }: RevealFieldsFragment) {
  const absent = { confirmedBy: confirmedBy ?? null, confirmedAt: confirmedAt ?? null, readBy: readBy ?? null, reads: reads ?? null, refusedBy: refusedBy ?? null, refusalReason: refusalReason ?? null };
  return { id, status, decisionId, reason, requestedBy, requestedAt, confirmBy, readings, revision, ...absent };
}
