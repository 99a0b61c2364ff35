import { Option, type Command } from 'commander';

/** The flags that every command takes, before or after its name. */
export interface GlobalFlags {
  readonly url?: string;
  readonly token?: string;
  readonly org?: string;
  readonly json?: boolean;
}

const GLOBAL_OPTIONS: readonly (readonly [flags: string, description: string])[] = [
  ['--url <url>', 'where the deployment is (SALLYPORT_URL)'],
  ['--token <token>', 'an admin token, or @FILE (SALLYPORT_TOKEN)'],
  ['--org <organisation>', 'the organisation to act in, by slug or id'],
  ['--json', 'one JSON value on stdout, errors as JSON on stderr'],
];

/** The words of a command line from the command's name on: without the global flags before it and what they take. */
export function withoutLeadingFlags(argv: readonly string[]): readonly string[] {
  const [first] = argv;
  if (first?.startsWith('-') !== true) return argv;
  const takesValue = GLOBAL_OPTIONS.some(([flags]) => flags.startsWith(`${first} <`));
  return withoutLeadingFlags(argv.slice(takesValue ? 2 : 1));
}

/** Gives the program its global flags, and every command the same ones unseen, except where a command has one of that name itself. */
export function addGlobalFlags(program: Command): void {
  for (const [flags, description] of GLOBAL_OPTIONS) program.addOption(new Option(flags, description));
  program.enablePositionalOptions();
  for (const command of program.commands) addHidden(command);
}

/** The global flags as given: those after the command's name win over those before it. */
export function globalFlagsOf(command: Command): GlobalFlags {
  const flags: Record<string, unknown> = { ...rootOf(command).opts<GlobalFlags>() };
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (option.hidden && value !== undefined) flags[option.attributeName()] = value;
  }
  return flags;
}

function addHidden(command: Command): void {
  for (const [flags, description] of GLOBAL_OPTIONS) {
    const option = new Option(flags, description).hideHelp();
    if (!command.options.some((own) => own.long === option.long)) command.addOption(option);
  }
  for (const child of command.commands) addHidden(child);
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}
