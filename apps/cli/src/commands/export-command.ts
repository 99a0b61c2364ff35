import { InvalidArgumentError, Option, type Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { example, type CommandKit } from '../command-kit.js';
import { wholeNumber } from '../output/paging.js';
import type { CommandContext } from '../session/command-context.js';
import { readExport } from '../session/read-export.js';

/** The forms that events are exported in; `ndjson` alone can be verified. */
const FORMATS = ['ndjson', 'ocsf', 'ecs', 'cef', 'leef'] as const;

interface ExportFlags {
  readonly from?: number;
  readonly to?: number;
  readonly format: (typeof FORMATS)[number];
  readonly deployment?: boolean;
}

const LINE_FEED = 10;
const DRAW_MS = 200;

/** `export`: audit events as lines on stdout. */
export function addExportCommand(program: Command, kit: CommandKit): void {
  const command = program
    .command('export')
    .description('write audit events to stdout, one on each line; with ndjson the last line is signed, for sallyport verify')
    .option('--from <seq>', 'from this event number on; by default from the oldest there is', seq)
    .option('--to <seq>', 'up to this event number; by default up to the newest', seq)
    .addOption(new Option('--format <format>', 'form of the events').choices(FORMATS).default('ndjson'))
    .option('--deployment', "the deployment's own stream, for operators");
  example(command, 'sallyport export > audit.ndjson', 'sallyport export --from 1000 --to 2000 > part.ndjson').action(
    kit.run(async (context, flags: ExportFlags) => {
      context.admin();
      const { from, to, format, deployment = false } = flags;
      const answer = await context.during('Beginning the export', readExport(context.session, { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), format, deployment }));
      await writeOut(context, answer, format === 'ndjson' ? answer.count + 1 : answer.count);
    }),
  );
}

async function writeOut(context: CommandContext, { count, chunks }: Awaited<ReturnType<typeof readExport>>, wantedLines: number): Promise<void> {
  const { terminal } = context;
  const line = progressLine(context, count);
  let lines = 0;
  try {
    for await (const chunk of chunks) {
      await (terminal.outBytes?.(chunk) ?? terminal.out(Buffer.from(chunk).toString('utf8')));
      for (const byte of chunk) if (byte === LINE_FEED) lines += 1;
      line.draw(Math.min(lines, count));
    }
  } finally {
    line.wipe();
  }
  if (lines !== wantedLines) throw cliFault.call_failed(`The export has ${lines} lines and should have ${wantedLines}: it is not whole. Try again.`);
  if (terminal.progress) context.note(`${count} events exported`);
}

/** A bar on stderr, drawn now and then; nothing where stderr is not a terminal. */
function progressLine({ terminal }: CommandContext, count: number): { draw(done: number): void; wipe(): void } {
  let drawnAt = 0;
  return {
    draw: (done) => {
      if (!terminal.progress || performance.now() - drawnAt < DRAW_MS) return;
      drawnAt = performance.now();
      const share = count === 0 ? 1 : done / count;
      terminal.err(`\r${'█'.repeat(Math.round(share * 30)).padEnd(30, '░')} ${done} of ${count} events`);
    },
    wipe: () => {
      if (drawnAt > 0) terminal.err('\r\u001b[2K');
    },
  };
}

function seq(text: string): number {
  const value = wholeNumber(1, 1e14)(text);
  if (value < 1) throw new InvalidArgumentError('Events are numbered from 1.');
  return value;
}
