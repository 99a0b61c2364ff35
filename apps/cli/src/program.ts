import { Fault, isFault } from '@sallyport/kernel';
import { Command, CommanderError, InvalidArgumentError } from 'commander';

import type { CommandKit } from './command-kit.js';
import { addAuditCommands } from './commands/audit-commands.js';
import { addAuditPullCommand } from './commands/audit-pull-command.js';
import { addAuditSettingsCommands } from './commands/audit-settings-commands.js';
import { addCallCommand } from './commands/call-command.js';
import { addCompletionCommand } from './commands/completion-command.js';
import { addDecisionCommands } from './commands/decision-commands.js';
import { addEventCommands } from './commands/event-commands.js';
import { addExportCommand } from './commands/export-command.js';
import { addGrantCommands } from './commands/grant-commands.js';
import { addIdentityCommands } from './commands/identity-commands.js';
import { addMemberCommands } from './commands/member-commands.js';
import { addOrganisationCommands } from './commands/organisation-commands.js';
import { addPolicyCommands } from './commands/policy-commands.js';
import { addRevealCommands } from './commands/reveal-commands.js';
import { addServerCommands } from './commands/server-commands.js';
import { addSessionCommands } from './commands/session-commands.js';
import { addSinkCommands } from './commands/sink-commands.js';
import { addStartCommand, type StartDeployment } from './commands/start-command.js';
import { addTokenCommands } from './commands/token-commands.js';
import { addVerifyCommands } from './commands/verify-commands.js';
import { addGlobalFlags, globalFlagsOf, withoutLeadingFlags } from './global-flags.js';
import { EXIT, exitForThrown, type ExitCode } from './exit-codes.js';
import { printError } from './output/answers.js';
import { contextOf } from './session/command-context.js';
import type { Terminal } from './terminal.js';

/** What the CLI cannot do by itself, and the clock it reads lengths of time by. */
export interface CliParts {
  readonly start: StartDeployment;
  readonly terminal: Terminal;
  readonly nowMs: () => number;
}

/** Runs one command line (without `node` and the script) and returns the process's exit code. Prints; never throws. */
export async function runCommandLine(argv: readonly string[], parts: CliParts): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = buildProgram(parts, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (caught) {
    if (caught instanceof CommanderError) return commanderExit(caught, argv, parts.terminal);
    if (!isFault(caught)) throw caught;
    printError({ json: argv.includes('--json'), terminal: parts.terminal }, errorOf(caught)); // of a flag that commander must not show again
    return exitForThrown(caught);
  }
}

function buildProgram(parts: CliParts, ended: (code: ExitCode) => void): Command {
  const { terminal } = parts;
  const program = new Command('sallyport')
    .description('Sallyport: the guarded door between agents and MCP servers')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, outputError: () => undefined });
  const kit: CommandKit = { nowMs: parts.nowMs, run: (action) => (...given) => runAction(given, terminal, ended, action) };
  addStartCommand(program, kit, parts.start);
  addSessionCommands(program, kit);
  addOrganisationCommands(program, kit);
  addMemberCommands(program, kit);
  addTokenCommands(program, kit);
  addServerCommands(program, kit);
  addIdentityCommands(program, kit);
  addPolicyCommands(program, kit);
  addGrantCommands(program, kit);
  addDecisionCommands(program, kit);
  const audit = addAuditCommands(program, kit);
  addAuditPullCommand(audit, kit);
  addAuditSettingsCommands(audit, kit);
  addRevealCommands(audit, kit);
  addExportCommand(program, kit);
  addSinkCommands(program, kit);
  addVerifyCommands(program, kit);
  addCallCommand(program, kit);
  addEventCommands(program, kit);
  addCompletionCommand(program, kit);
  addGlobalFlags(program);
  inheritSettings(program);
  return program;
}

/** Sub-commands made with `command()` inherit settings only from the moment they are added; groups add theirs later. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritSettings(child);
  }
}

async function runAction<Args extends readonly unknown[]>(
  given: readonly unknown[],
  terminal: Terminal,
  ended: (code: ExitCode) => void,
  action: (context: ReturnType<typeof contextOf>, ...args: Args) => Promise<void>,
): Promise<void> {
  const command = given.at(-1);
  if (!(command instanceof Command)) throw new TypeError('an action is called by commander with its command last');
  const json = globalFlagsOf(command).json ?? false;
  try {
    const context = contextOf(command, terminal);
    await action(context, ...(given.slice(0, -1) as unknown as Args));
    ended(context.exitCode);
  } catch (caught) {
    ended(caught instanceof InvalidArgumentError ? EXIT.usage : exitForThrown(caught));
    printError({ json, terminal }, errorOf(caught));
  }
}

function errorOf(caught: unknown): { code: string; message: string; hint?: string } {
  if (isFault(caught)) return { code: caught.code, message: caught.message, ...hintOf(caught) };
  if (caught instanceof InvalidArgumentError) return { code: 'cli.usage', message: caught.message };
  return { code: 'cli.failed', message: caught instanceof Error ? caught.message : 'The command failed.' };
}

function hintOf(fault: Fault): { hint?: string } {
  if (fault.code === 'admin_api.unauthenticated') return { hint: 'Sign in with sallyport login URL, or set SALLYPORT_TOKEN.' };
  return {};
}

function commanderExit(caught: CommanderError, argv: readonly string[], terminal: Terminal): ExitCode {
  if (caught.exitCode === 0) return EXIT.done;
  const usage = isVerify(argv) ? EXIT.failed : EXIT.usage;
  if (caught.code === 'commander.help') return usage;
  const message = caught.message.replace(/^error: /, '').replaceAll('\n', ' ');
  printError({ json: argv.includes('--json'), terminal }, { code: 'cli.usage', message, hint: 'Add --help to see what the command takes.' });
  return usage;
}

/** The exit codes of `verify` are verdicts, 2 among them: what could not run ends with 1. */
function isVerify(argv: readonly string[]): boolean {
  return withoutLeadingFlags(argv)[0] === 'verify';
}
