import { CancelReplayDocument, DiscardDeadLettersDocument, ListDeadLettersDocument, ReplaySinkDocument, ResendDeadLettersDocument, type DeadLetterState } from '@sallyport/graphql-contract';
import { Option, type Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, type CommandKit } from '../command-kit.js';
import { refusal } from '../output/answers.js';
import { moreLine, pageOf, pageVariables, wholeNumber, withPaging, type PageFlags } from '../output/paging.js';
import { fields, instant, table } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';

interface DeadLetterFlags extends PageFlags {
  readonly state?: DeadLetterState;
  readonly resend?: readonly number[];
  readonly discard?: readonly number[];
  readonly resendAll?: boolean;
  readonly reason: string;
}

const LARGEST_SEQ = Number.MAX_SAFE_INTEGER;

/** `sink replay | cancel-replay | dead-letters`. */
export function addSinkDeliveryCommands(sink: Command, kit: CommandKit): void {
  addReplaying(sink, kit);
  const letters = withPaging(sink.command('dead-letters <sink>').description('list what a receiver refused for good, send it again, or give it up'))
    .addOption(new Option('--state <state>', 'only those that are so').choices(['waiting', 'resent', 'discarded']))
    .option('--resend <seq>', 'send this one again; may be repeated', collectSeq)
    .option('--resend-all', 'send every one that waits again, 1,000 at a time')
    .option('--discard <seq>', 'give this one up; may be repeated', collectSeq)
    .option('--reason <text>', 'why it is given up, for the record', '');
  example(letters, 'sallyport sink dead-letters siem', 'sallyport sink dead-letters siem --resend 4711', 'sallyport sink dead-letters siem --discard 4712').action(
    kit.run(async (context, id: string, flags: DeadLetterFlags) => {
      if ([flags.resend, flags.discard, flags.resendAll].filter((flag) => flag !== undefined).length > 1) throw cliFault.usage('Use one of --resend, --resend-all and --discard at a time.');
      if (flags.discard !== undefined) return discard(context, id, flags.discard, flags.reason);
      if (flags.resend !== undefined || flags.resendAll === true) return resend(context, id, flags.resend ?? null);
      return list(context, id, flags);
    }),
  );
}

function addReplaying(sink: Command, kit: CommandKit): void {
  const replay = sink
    .command('replay <sink>')
    .description('send a stretch of the stream once more')
    .requiredOption('--from <seq>', 'its first place in the stream', wholeNumber(1, LARGEST_SEQ))
    .requiredOption('--to <seq>', 'its last place in the stream', wholeNumber(1, LARGEST_SEQ))
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--rate <n>', 'at most so many events a second', wholeNumber(1, 10_000));
  example(replay, "sallyport sink replay siem --from 1 --to 5000 --reason 'the index was lost'").action(
    kit.run(async (context, id: string, flags: { from: number; to: number; reason: string; rate?: number }) => {
      const input = { sink: id, fromSeq: flags.from, toSeq: flags.to, reason: flags.reason, eventsPerSecond: flags.rate ?? null };
      const { replaySink } = await context.admin().run(ReplaySinkDocument, { input });
      if (!('replayId' in replaySink)) return refusal(context, replaySink);
      const { replayId, sink: replayed, revision } = replaySink;
      context.print({ replayId, sinkId: replayed.id, revision }, fields([['replay', replayId], ['sink', replayed.name], ['see', `sallyport sink health ${replayed.name}`]]));
    }),
  );
  example(sink.command('cancel-replay <sink> <replay>').description('call a replay off'), 'sallyport sink cancel-replay siem 0199c8b4-0000-7000-8000-000000000001').action(
    kit.run(async (context, id: string, replayId: string) => {
      const { cancelReplay } = await context.admin().run(CancelReplayDocument, { input: { sink: id, replayId } });
      if (!('sink' in cancelReplay)) return refusal(context, cancelReplay);
      context.print({ replayId, sinkId: cancelReplay.sink.id, revision: cancelReplay.revision }, fields([['cancelled', replayId]]));
    }),
  );
}

async function list(context: CommandContext, id: string, flags: DeadLetterFlags): Promise<void> {
  const { sink } = await context.admin().run(ListDeadLettersDocument, { sink: id, state: flags.state ?? null, ...pageVariables(flags) });
  if (sink === null || sink === undefined) throw cliFault.not_found(`There is no sink ${id}.`);
  const page = pageOf(sink.deadLetters, (letter) => letter);
  const rows = page.items.map((letter) => [letter.seq, instant(letter.at), letter.type, letter.state, letter.reason]);
  context.print(page, table(['seq', 'at', 'event', 'state', 'why'], rows, 'No dead letters.') + moreLine(page));
}

async function resend(context: CommandContext, id: string, seqs: readonly number[] | null): Promise<void> {
  const { resendDeadLetters } = await context.admin().run(ResendDeadLettersDocument, { input: { sink: id, seqs: seqs === null ? null : [...seqs] } });
  if (!('count' in resendDeadLetters)) return refusal(context, resendDeadLetters);
  const { count, replayId, revision } = resendDeadLetters;
  context.print({ count, replayId: replayId ?? null, revision }, fields([['sent again', count]]));
}

async function discard(context: CommandContext, id: string, seqs: readonly number[], reason: string): Promise<void> {
  const { discardDeadLetters } = await context.admin().run(DiscardDeadLettersDocument, { input: { sink: id, seqs: [...seqs], reason } });
  if (!('count' in discardDeadLetters)) return refusal(context, discardDeadLetters);
  context.print({ count: discardDeadLetters.count, revision: discardDeadLetters.revision }, fields([['given up', discardDeadLetters.count]]));
}

function collectSeq(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, wholeNumber(1, LARGEST_SEQ)(text)];
}
