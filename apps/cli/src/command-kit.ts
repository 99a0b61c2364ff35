import { InvalidArgumentError, type Command } from 'commander';

import type { CommandContext } from './session/command-context.js';

/** What a group of commands is built with. */
export interface CommandKit {
  /** Wraps an action for commander: gives it its context, then its arguments and options; prints what it throws; keeps its exit code. */
  readonly run: <Args extends readonly unknown[]>(action: (context: CommandContext, ...args: Args) => Promise<void>) => (...given: readonly unknown[]) => Promise<void>;
  readonly nowMs: () => number;
}

/** Adds an example to a command's help. */
export function example(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExample:\n${lines.map((line) => `  ${line}`).join('\n')}\n`);
}

/** Collects `--label k=v` into a list of pairs. */
export function collectLabel(text: string, before: readonly { key: string; value: string }[] = []): readonly { key: string; value: string }[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write a label as key=value.');
  return [...before, { key: text.slice(0, at), value: text.slice(at + 1) }];
}

/** Collects `--group NAME` into a list. */
export function collectGroup(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name];
}

/** How far a change has come when its command answers, in the admin API's words. */
export type Wait = 'COMMITTED' | 'PUBLISHED' | 'ENFORCED';

/** Reads `--wait committed|published|enforced` for the admin API. */
export function waitFor(text: string): Wait {
  const word = text.toUpperCase();
  if (word === 'COMMITTED' || word === 'PUBLISHED' || word === 'ENFORCED') return word;
  throw new InvalidArgumentError('Wait for committed, published or enforced.');
}

/** Adds `--wait` to a command that changes something. */
export function withWait(command: Command): Command {
  return command.option('--wait <stage>', 'answer when the change is committed, published or enforced (at most 15 s)', waitFor, 'COMMITTED');
}
