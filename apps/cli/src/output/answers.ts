import { EXIT, exitForCode } from '../exit-codes.js';
import type { CommandContext } from '../session/command-context.js';
import { oneLine } from './table.js';

/** A refusal as every mutation may answer. */
export interface RefusalAnswer {
  readonly code: string;
  readonly message: string;
  readonly pointer?: string | null;
}

/** How far a change came, when a command waited for it. */
export interface EnforcementAnswer {
  readonly reached: boolean;
  readonly outstanding: readonly string[];
}

/** Ends the command with a refusal: JSON or a sentence on stderr, and the exit code that belongs to it. */
export function refusal(context: CommandContext, refused: RefusalAnswer): void {
  context.exitCode = exitForCode(refused.code);
  printError(context, { code: refused.code, message: refused.message, ...(refused.pointer ? { pointer: refused.pointer } : {}) });
}

/** Writes an error where scripts and people look for it. */
export function printError(context: Pick<CommandContext, 'json' | 'terminal'>, error: { code: string; message: string; hint?: string; pointer?: string }): void {
  if (context.json) return context.terminal.err(`${JSON.stringify({ error })}\n`);
  const place = error.pointer === undefined ? '' : ` (at ${error.pointer})`;
  const hint = error.hint === undefined ? '' : `\n  ${error.hint}`;
  context.terminal.err(`error: ${oneLine(error.message)}${place} [${error.code}]${hint}\n`);
}

/** What `--wait` adds to an answer; a change that is not in force everywhere yet ends the command with 1. */
export function enforcementPart(context: CommandContext, enforcement: EnforcementAnswer | null | undefined): Partial<EnforcementAnswer> {
  if (enforcement === null || enforcement === undefined) return {};
  if (!enforcement.reached) {
    context.exitCode = EXIT.failed;
    context.note(`The change stands, but these workers have not applied it yet: ${enforcement.outstanding.join(', ')}`);
  }
  return { reached: enforcement.reached, outstanding: enforcement.outstanding };
}
