import { setTimeout as delay } from 'node:timers/promises';

import { PullAuditEventsDocument, type AuditScope, type PullAuditEventsQuery } from '@sallyport/graphql-contract';
import type { Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, type CommandKit } from '../command-kit.js';
import { EXIT } from '../exit-codes.js';
import { wholeNumber } from '../output/paging.js';
import { untilInterrupted } from '../session/until-interrupted.js';
import type { CommandContext } from '../session/command-context.js';

interface PullFlags {
  readonly after: number;
  readonly limit: number;
  readonly follow?: boolean;
  readonly deployment?: boolean;
}

type Pulled = PullAuditEventsQuery['auditPull'];

const LARGEST_SEQ = 1e14;
/** At the end of the stream it is asked for more so often. */
const FOLLOW_MS = 1_000;

/** `audit pull`: the events after a place, one on each line, in order. */
export function addAuditPullCommand(audit: Command, kit: CommandKit): void {
  const pull = audit
    .command('pull')
    .description('write the audit events after a place to stdout, one on each line, without a gap; ends with 1 where retention had removed some')
    .requiredOption('--after <seq>', 'the last event number that you have; 0 for the beginning', wholeNumber(0, LARGEST_SEQ))
    .option('--limit <n>', 'ask for so many at a time', wholeNumber(1, 1_000), 1_000)
    .option('--follow', 'go on with what comes, until Ctrl-C')
    .option('--deployment', "the deployment's own stream, for operators");
  example(pull, 'sallyport audit pull --after 0 > audit.ndjson', 'sallyport audit pull --after 4711 --follow').action(
    kit.run(async (context, flags: PullFlags) => {
      if (flags.follow !== true) return void (await toTheEnd(context, flags, flags.after));
      await untilInterrupted(async (signal) => {
        let last = flags.after;
        while (!signal.aborted) {
          last = await toTheEnd(context, flags, last, signal);
          await delay(FOLLOW_MS, undefined, { signal }).catch(() => undefined); // interrupted: the loop ends
        }
      });
    }),
  );
}

/** Pulls until the stream has no more. Answers the last number. */
async function toTheEnd(context: CommandContext, { limit, deployment }: PullFlags, after: number, signal?: AbortSignal): Promise<number> {
  const scope: AuditScope = deployment === true ? 'deployment' : 'organisation';
  for (let last = after; ; ) {
    const { auditPull } = await context.admin().run(PullAuditEventsDocument, { afterSeq: last, first: limit, scope });
    examine(context, auditPull, last);
    await write(context, auditPull.lines);
    last = auditPull.lastSeq;
    if (auditPull.lines.length === 0 || last >= auditPull.newestSeq || signal?.aborted === true) return last;
  }
}

/** Says what is missing, on stderr: stdout has events alone. */
function examine(context: CommandContext, { gap, newestSeq }: Pulled, after: number): void {
  if (newestSeq < after) throw cliFault.call_failed(`The stream ends with event ${newestSeq}: it is not the one of which you have event ${after}.`);
  if (gap === null || gap === undefined) return;
  context.terminal.err(`Events ${gap.fromSeq} to ${gap.toSeq} are missing: retention had removed them.\n`);
  context.exitCode = EXIT.failed;
}

async function write({ terminal }: CommandContext, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const text = `${lines.join('\n')}\n`;
  await (terminal.outBytes?.(Buffer.from(text)) ?? terminal.out(text));
}
