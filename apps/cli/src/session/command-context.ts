import { AdminClient } from '@sallyport/graphql-contract';
import type { Command } from 'commander';

import { cliFault } from '../cli-faults.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { globalFlagsOf, type GlobalFlags } from '../global-flags.js';
import { startProgress } from '../output/progress.js';
import type { Terminal } from '../terminal.js';
import { findSession, type Session } from './credentials.js';

/** What a command's action works with. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly flags: GlobalFlags;
  readonly session: Session;
  readonly json: boolean;
  /** The admin API as the signed-in member. @throws {Fault} `cli.not_signed_in` when there is no token. */
  admin(): AdminClient;
  /** Prints the command's one answer: JSON for scripts, or the text for a person. */
  print(value: unknown, text: string): void;
  /** A note for a person that is not the answer; silent with `--json`. */
  note(text: string): void;
  /** Shows `sentence` on the terminal if the work takes over a second. */
  during<Value>(sentence: string, work: Promise<Value>): Promise<Value>;
  /** The code the process ends with when the command itself did not fail. */
  exitCode: ExitCode;
}

/** Makes the context of one run of one command from its global flags. */
export function contextOf(command: Command, terminal: Terminal): CommandContext {
  const flags = globalFlagsOf(command);
  const session = findSession(flags, terminal);
  const json = flags.json ?? false;
  return {
    terminal,
    flags,
    session,
    json,
    exitCode: EXIT.done,
    admin: () => {
      if (session.token === undefined) {
        throw cliFault.not_signed_in(`Not signed in to ${session.url}: run sallyport login ${session.url}, or set SALLYPORT_TOKEN.`);
      }
      return new AdminClient(session);
    },
    print: (value, text) => terminal.out(json ? `${JSON.stringify(value)}\n` : text.endsWith('\n') ? text : `${text}\n`),
    note: (text) => {
      if (!json) terminal.err(`${text}\n`);
    },
    during: (sentence, work) => startProgress(terminal, sentence, work),
  };
}
